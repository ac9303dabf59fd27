-- Notes that a migration was applied.
-- Grain: one row.
-- Parameters: $version.
INSERT INTO schema_version VALUES ($version, now())
