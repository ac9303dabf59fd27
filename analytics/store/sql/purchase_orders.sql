-- Orders with suppliers, and what of each is still to come. A row is closed when it was received
-- and no quantity stands beside; where every row of a line is a receipt of the same ordered
-- quantity, the remainder stands at the last receipt. An order that names no market is for the only
-- one in which its SKU sells, or in which anything does; else for nobody's.
-- Grain: one row per (order_id, sku, market, receipt).
-- Parameters: none.
WITH receipts AS (
    SELECT
        *,
        count(*) OVER line > 1
        AND min(quantity) OVER line = max(quantity) OVER line
        AND count(received_on) OVER line = count(*) OVER line
        AND count(quantity_received) OVER line = count(*) OVER line
        AND sum(quantity_received) OVER line <= max(quantity) OVER line AS repeats_total,
        sum(quantity_received) OVER line AS received_in_all,
        row_number() OVER (line ORDER BY received_on DESC, row_no DESC) AS from_last
    FROM purchase_orders
    WINDOW line AS (
        PARTITION BY order_id, sku_key, market,
        CASE WHEN order_id IS NULL THEN row_no END
    )
),

opened AS (
    SELECT
        *,
        CASE
            WHEN repeats_total AND from_last = 1 THEN quantity - received_in_all
            WHEN repeats_total THEN 0
            WHEN quantity_received IS NULL AND received_on IS NOT NULL THEN 0
            ELSE greatest(quantity - coalesce(quantity_received, 0), 0)
        END AS open_quantity
    FROM receipts
),

homes AS (
    SELECT sku_key, min(market) AS market
    FROM item_sales
    WHERE status <> 'not_product'
    GROUP BY sku_key
    HAVING min(market) = max(market)
),

only_market AS (
    SELECT CASE WHEN min(market) = max(market) THEN min(market) END AS market
    FROM item_sales
    WHERE status <> 'not_product'
)

SELECT
    opened.order_id,
    coalesce(skus.sku, opened.sku) AS sku,
    coalesce(
        market_map.market, opened.market, homes.market, (SELECT market FROM only_market)
    ) AS market,
    opened.supplier,
    opened.route,
    opened.quantity,
    opened.quantity_received,
    opened.open_quantity,
    opened.ordered_on,
    opened.ready_on,
    opened.shipped_on,
    opened.arrived_on,
    opened.cleared_on,
    opened.received_on,
    opened.expected_on,
    opened.unit_cost,
    opened.currency
FROM opened
LEFT JOIN aliases ON aliases.alias_key = opened.sku_key
LEFT JOIN skus ON skus.sku_key = coalesce(aliases.sku_key, opened.sku_key)
LEFT JOIN market_map ON market_map.country = opened.market
LEFT JOIN homes ON homes.sku_key = coalesce(aliases.sku_key, opened.sku_key)
ORDER BY opened.ordered_on, opened.import_id, opened.row_no
