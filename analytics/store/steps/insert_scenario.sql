-- Keeps a scenario under a name, and answers its number.
-- Grain: one row.
-- Parameters: $name, $name_key, $query, $note, $author, $data_version.
INSERT INTO scenarios BY NAME
SELECT
    coalesce(max(scenario_id), 0) + 1 AS scenario_id, $name AS name, $name_key AS name_key,
    $query AS query, $note AS note, $author AS author,
    $data_version AS data_version, now() AS created_at
FROM scenarios
RETURNING scenario_id
