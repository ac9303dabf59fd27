-- Lets a name stand for another scenario, under the same number.
-- Grain: one row.
-- Parameters: $scenario_id, $name, $query, $note, $author.
UPDATE scenarios
SET name = $name, query = $query, note = $note, author = $author, created_at = now()
WHERE scenario_id = $scenario_id
