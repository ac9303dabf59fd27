-- Rows of an import that could not be used, and why.
-- Grain: one row per rejected row.
-- Parameters: $import_id.
SELECT imports.file, imports.sheet, rejects.* EXCLUDE (import_id)
FROM rejects
INNER JOIN imports USING (import_id)
WHERE import_id = $import_id
ORDER BY rejects."row"
