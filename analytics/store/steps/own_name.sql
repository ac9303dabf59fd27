-- The name of the workspace's own file among those that are open.
-- Grain: one row.
-- Parameters: none.
SELECT current_database() AS name
