-- Takes the name from a scenario, and answers its number.
-- Grain: one row, or none.
-- Parameters: $scenario_id, $who.
UPDATE scenarios SET removed_at = now(), removed_by = $who
WHERE scenario_id = $scenario_id AND removed_at IS NULL
RETURNING scenario_id
