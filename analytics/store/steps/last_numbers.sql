-- The numbers given last: of a line of the ledger, and of an order of that day, here or in a file.
-- Grain: one row.
-- Parameters: $prefix.
SELECT
    (SELECT coalesce(max(line_id), 0) FROM ledger_lines) AS line_id,
    coalesce(max(TRY_CAST(substr(order_key(order_id), length($prefix) + 1) AS BIGINT)), 0)
        AS number
FROM (
    SELECT order_id FROM ledger_lines
    UNION ALL
    SELECT order_id FROM purchase_orders_lines
)
WHERE starts_with(order_key(order_id), $prefix)
