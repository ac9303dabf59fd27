-- Stock as it was counted, in all warehouses together: on a day on which any of them was counted, the
-- others stand at their latest count. Without a market: a central store. Without a date: counted on
-- the day the plan is made.
-- Grain: one row per (sku, market, date).
-- Parameters: none.
WITH counts AS MATERIALIZED (SELECT * FROM counted_stock),

changes AS (
    SELECT sku_key, market, date, on_hand, inbound, reserved
    FROM counts
    WHERE date IS NOT NULL
    UNION ALL
    SELECT sku_key, market, until, -on_hand, -inbound, -reserved
    FROM counts
    WHERE until IS NOT NULL
),

daily AS (
    SELECT
        sku_key, market, date,
        sum(on_hand) AS on_hand, sum(inbound) AS inbound, sum(reserved) AS reserved
    FROM changes
    GROUP BY sku_key, market, date
),

-- Rounded, so that what was added and taken away again leaves nothing.
standing_stock AS (
    SELECT
        sku_key, market, date,
        round(sum(on_hand) OVER so_far, 6) AS on_hand,
        round(sum(inbound) OVER so_far, 6) AS inbound,
        round(sum(reserved) OVER so_far, 6) AS reserved
    FROM daily
    WINDOW so_far AS (PARTITION BY sku_key, market ORDER BY date ROWS UNBOUNDED PRECEDING)
    UNION ALL
    SELECT
        sku_key, market, NULL, sum(on_hand) AS on_hand, sum(inbound) AS inbound,
        sum(reserved) AS reserved
    FROM counts
    WHERE date IS NULL
    GROUP BY sku_key, market
)

SELECT
    coalesce(skus.sku, standing_stock.sku_key) AS sku,
    standing_stock.market,
    standing_stock.date,
    standing_stock.on_hand,
    standing_stock.inbound,
    standing_stock.reserved
FROM standing_stock
LEFT JOIN skus ON skus.sku_key = standing_stock.sku_key
ORDER BY sku, standing_stock.market, standing_stock.date
