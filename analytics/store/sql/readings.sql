-- What was named for the sheets that stand, for rows that name nothing themselves.
-- Grain: one row per import that stands, the oldest first.
-- Parameters: none.
SELECT
    sha256,
    coalesce((mapping ->> '$.place')::INTEGER, 0) AS place,
    coalesce(mapping ->> '$.market', '') AS market,
    shop
FROM imports
WHERE undone_at IS NULL
ORDER BY import_id
