-- Scenarios that have a name, by name. Times are UTC.
-- Grain: one row per scenario.
-- Parameters: none.
SELECT
    scenario_id, name, author, note, created_at::TIMESTAMP AS created_at, query, data_version
FROM scenarios
WHERE removed_at IS NULL
ORDER BY name_key
