-- Brings back an import that was taken back.
-- Grain: one row at most: the import, if it had been taken back.
-- Parameters: $import_id.
UPDATE imports
SET undone_at = NULL, undone_by = NULL
WHERE import_id = $import_id AND undone_at IS NOT NULL
RETURNING import_id
