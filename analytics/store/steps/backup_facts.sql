-- What a backup of this workspace says of itself.
-- Grain: one row.
-- Parameters: none.
SELECT
    (SELECT max(version) FROM schema_version)::BIGINT AS schema,
    (SELECT value FROM meta WHERE name = 'version') AS version,
    (SELECT count(*) FROM imports)::BIGINT AS imports,
    (SELECT count(*) FROM sales)::BIGINT AS lines
