-- What the file holds.
-- Grain: one row per table.
-- Parameters: none.
SELECT table_name FROM duckdb_tables() WHERE database_name = current_database()
