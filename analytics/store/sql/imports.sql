-- Every import with its row account, newest first; taken back where undone_at is set. Times are UTC.
-- Grain: one row per sheet that was imported.
-- Parameters: none.
SELECT * EXCLUDE (mapping) REPLACE (
    imported_at::TIMESTAMP AS imported_at,
    undone_at::TIMESTAMP AS undone_at
)
FROM imports
ORDER BY import_id DESC
