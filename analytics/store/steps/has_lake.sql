-- Whether a lake can be read.
-- Grain: one row.
-- Parameters: none.
SELECT count(*) > 0 AS has_lake FROM duckdb_databases() WHERE database_name = 'lake'
