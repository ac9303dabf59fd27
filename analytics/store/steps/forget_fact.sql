-- Forgets a fact about the workspace itself.
-- Grain: one row at most.
-- Parameters: $name.
DELETE FROM meta WHERE name = $name
