-- Lets a name stand for another scenario, under the same number.
-- Grain: one row.
-- Parameters: $scenario_id, $name, $query, $note, $author, $data_version.
UPDATE scenarios
SET
    name = $name, query = $query, note = $note, author = $author,
    data_version = $data_version, created_at = now()
WHERE scenario_id = $scenario_id
