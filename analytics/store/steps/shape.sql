-- All that a file was made with: tables, views, functions, types, indices and constraints.
-- Grain: one row per part of one of them.
-- Parameters: none.
SELECT
    schema_name,
    table_name AS name,
    column_name AS part,
    data_type AS detail,
    is_nullable::VARCHAR AS more
FROM duckdb_columns()
WHERE NOT internal
UNION ALL
SELECT schema_name, table_name, column_name, column_default, 'default'
FROM duckdb_columns()
WHERE NOT internal
UNION ALL
SELECT schema_name, view_name, 'view', sql, '' FROM duckdb_views() WHERE NOT internal
UNION ALL
SELECT schema_name, function_name, 'function', macro_definition, parameters::VARCHAR
FROM duckdb_functions()
WHERE NOT internal
UNION ALL
SELECT schema_name, sequence_name, 'sequence', '', '' FROM duckdb_sequences()
UNION ALL
SELECT schema_name, type_name, 'type', labels::VARCHAR, '' FROM duckdb_types() WHERE NOT internal
UNION ALL
SELECT schema_name, index_name, 'index', sql, '' FROM duckdb_indexes()
UNION ALL
SELECT schema_name, table_name, constraint_type, constraint_text, '' FROM duckdb_constraints()
