-- The scenario that has a name, however its letters are written.
-- Grain: one row, or none.
-- Parameters: $name_key.
SELECT scenario_id FROM scenarios WHERE name_key = $name_key AND removed_at IS NULL
