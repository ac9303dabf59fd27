-- The number of the next import; numbers are never used twice, undone or not.
-- Grain: one row.
-- Parameters: none.
SELECT coalesce(max(import_id), 0) + 1 FROM imports
