-- A small table as it is; its name is put in place of small_table.
-- Grain: as the table's.
-- Parameters: none.
SELECT * FROM small_table ORDER BY ALL
