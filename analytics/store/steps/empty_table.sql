-- Makes room in a small table; its name is put in place of small_table.
-- Grain: none.
-- Parameters: none.
TRUNCATE small_table
