-- Takes an import back.
-- Grain: one row at most: the import, if it stood.
-- Parameters: $import_id, $who.
UPDATE imports
SET undone_at = now(), undone_by = $who
WHERE import_id = $import_id AND undone_at IS NULL
RETURNING import_id
