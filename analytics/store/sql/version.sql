-- The random id of the data as they are.
-- Grain: one row.
-- Parameters: none.
SELECT value FROM meta WHERE name = 'version'
