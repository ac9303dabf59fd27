-- The secret that customers' names are hashed with.
-- Grain: one row.
-- Parameters: none.
SELECT value FROM meta WHERE name = 'salt'
