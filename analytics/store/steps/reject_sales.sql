-- Lists the lines of one sheet that are no product and were not seen before.
-- Grain: one row per rejected line.
-- Parameters: $import_id.
INSERT INTO rejects
WITH fresh AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY
                shop, order_id, sku_key, market, grain, date, line_id, channel, name, customer,
                quantity, unit_price, currency, discount
            ORDER BY row_no
        ) AS occurrence
    FROM sales_lines
    WHERE import_id = $import_id AND status = 'not_product'
),

held AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY
                shop, order_id, sku_key, market, grain, date, line_id, channel, name, customer,
                quantity, unit_price, currency, discount
        ) AS occurrence
    FROM held_sales
    WHERE status = 'not_product'
)

SELECT
    $import_id, row_no, 'sku', sku, 'issue.not_product',
    json_object('value', sku, 'header', 'sku')
FROM fresh
WHERE NOT EXISTS (
    SELECT 1
    FROM held
    WHERE held.shop = fresh.shop
        AND held.sku_key = fresh.sku_key
        AND held.market = fresh.market
        AND held.grain = fresh.grain
        AND held.date = fresh.date
        AND held.quantity = fresh.quantity
        AND held.occurrence = fresh.occurrence
        AND (held.order_id, held.line_id, held.channel, held.name, held.customer)
            IS NOT DISTINCT FROM (fresh.order_id, fresh.line_id, fresh.channel, fresh.name, fresh.customer)
        AND (held.unit_price, held.currency, held.discount)
            IS NOT DISTINCT FROM (fresh.unit_price, fresh.currency, fresh.discount)
)
ORDER BY row_no
