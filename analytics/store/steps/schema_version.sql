-- The newest migration that was applied.
-- Grain: one row.
-- Parameters: none.
SELECT coalesce(max(version), 0) FROM schema_version
