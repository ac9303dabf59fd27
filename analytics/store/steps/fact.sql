-- A fact about the workspace itself.
-- Grain: one row at most.
-- Parameters: $name.
SELECT value FROM meta WHERE name = $name
