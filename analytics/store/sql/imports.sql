-- Every import with its row account, newest first; taken back where undone_at is set, brought back
-- since then where redone_at is. Times are UTC.
-- Grain: one row per sheet that was imported.
-- Parameters: none.
WITH redone AS (
    SELECT import_id, max(acted_at) AS redone_at, arg_max(who, acted_at) AS redone_by
    FROM acts
    WHERE act = 'redo'
    GROUP BY import_id
)

SELECT
    imports.* EXCLUDE (mapping) REPLACE (
        imported_at::TIMESTAMP AS imported_at,
        undone_at::TIMESTAMP AS undone_at
    ),
    CASE WHEN undone_at IS NULL THEN redone.redone_at::TIMESTAMP END AS redone_at,
    CASE WHEN undone_at IS NULL THEN redone.redone_by END AS redone_by
FROM imports
LEFT JOIN redone ON redone.import_id = imports.import_id
ORDER BY imports.import_id DESC
