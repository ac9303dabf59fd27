-- Takes over the rows of a small table; its name is put in place of small_table.
-- Grain: as the table's.
-- Parameters: none.
INSERT INTO small_table BY NAME SELECT * FROM incoming
