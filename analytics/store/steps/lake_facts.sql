-- What a lake of this workspace says of itself.
-- Grain: one row.
-- Parameters: none.
SELECT
    (SELECT max(version) FROM schema_version)::BIGINT AS schema,
    (SELECT value FROM meta WHERE name = 'version') AS version,
    (SELECT coalesce(max(import_id), 0) FROM imports)::BIGINT AS imports,
    coalesce(min(date)::VARCHAR, '') AS first,
    coalesce(max(date)::VARCHAR, '') AS last
FROM sales
