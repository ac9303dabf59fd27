-- The newest import that holds these bytes, read the same way.
-- Grain: one row at most.
-- Parameters: $sha256, $kind, $mapping.
SELECT max(import_id)
FROM imports
WHERE sha256 = $sha256
    AND kind = $kind
    AND mapping = $mapping
    AND undone_at IS NULL
HAVING count(*) > 0
