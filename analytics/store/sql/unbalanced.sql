-- Imports whose account does not close, or whose lines are not all there.
-- Grain: one row per import that is at fault.
-- Parameters: none.
WITH lines AS (
    SELECT import_id FROM sales_lines
    UNION ALL
    SELECT import_id FROM products_lines
    UNION ALL
    SELECT import_id FROM stock_lines
    UNION ALL
    SELECT import_id FROM purchase_orders_lines
    UNION ALL
    SELECT import_id FROM events_lines
    UNION ALL
    SELECT import_id FROM rates_lines
    UNION ALL
    SELECT import_id FROM routes_lines
    UNION ALL
    SELECT import_id FROM aliases_lines
    UNION ALL
    SELECT import_id FROM bundles_lines
    UNION ALL
    SELECT import_id FROM markets_lines
),

kept AS (
    SELECT import_id, count(*) AS number FROM lines GROUP BY import_id
),

refused AS (
    SELECT
        import_id,
        count(*) AS number,
        count(*) FILTER (code <> 'issue.not_product') AS unusable
    FROM rejects
    GROUP BY import_id
)

SELECT imports.import_id
FROM imports
LEFT JOIN kept ON kept.import_id = imports.import_id
LEFT JOIN refused ON refused.import_id = imports.import_id
WHERE rows_read <> rows_new + rows_updated + rows_identical + rows_rejected + rows_ignored
    OR rows_rejected <> coalesce(refused.number, 0)
    OR coalesce(kept.number, 0) <> rows_read - rows_ignored - coalesce(refused.unusable, 0)
ORDER BY imports.import_id
