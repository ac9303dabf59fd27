-- What an import holds.
-- Grain: one row at most.
-- Parameters: $import_id.
SELECT kind FROM imports WHERE import_id = $import_id
