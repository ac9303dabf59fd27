-- Tells the lines of one sheet of a small table apart, as account_sales.sql does for sales.
-- Grain: one row.
-- Parameters: $import_id, $kind.
WITH fresh AS (
    SELECT key, value FROM keyed_lines WHERE kind = $kind AND import_id = $import_id
),

held AS (
    SELECT key, value
    FROM keyed_lines
    SEMI JOIN standing USING (import_id)
    WHERE kind = $kind AND import_id < $import_id AND key IN (SELECT key FROM fresh)
    QUALIFY import_id = max(import_id) OVER (PARTITION BY key)
),

tuples AS (
    SELECT key, sum(fresh) AS fresh, sum(held) AS held, least(sum(fresh), sum(held)) AS same
    FROM (
        SELECT key, value, 1 AS fresh, 0 AS held FROM fresh
        UNION ALL
        SELECT key, value, 0 AS fresh, 1 AS held FROM held
    )
    GROUP BY key, value
),

keys AS (
    SELECT sum(same) AS identical, least(sum(fresh - same), sum(held - same)) AS updated
    FROM tuples
    GROUP BY key
)

SELECT
    ((SELECT count(*) FROM fresh) - coalesce(sum(identical + updated), 0))::BIGINT AS rows_new,
    coalesce(sum(updated), 0)::BIGINT AS rows_updated,
    coalesce(sum(identical), 0)::BIGINT AS rows_identical
FROM keys
