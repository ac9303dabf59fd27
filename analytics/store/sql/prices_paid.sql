-- What buyers paid in a period: lines that are sales, were not reversed, and name a price; free goods
-- have none, and the price of a bundle is that of none of its parts.
-- Grain: one row per (sku, market, currency).
-- Parameters: $starts_on, $ends_on (both included; of a week or a month its first day counts).
WITH paid AS (
    SELECT
        sku_key, market, currency,
        sum(quantity) AS units,
        sum(quantity * unit_price) AS revenue
    FROM item_sales
    WHERE
        status IN ('sold', 'returned') AND quantity > 0 AND NOT reversed
        AND unit_price > 0
        AND date BETWEEN $starts_on AND $ends_on
    GROUP BY sku_key, market, currency
)

SELECT coalesce(skus.sku, paid.sku_key) AS sku, paid.market, paid.currency, paid.units, paid.revenue
FROM paid
LEFT JOIN skus ON skus.sku_key = paid.sku_key
ORDER BY sku, paid.market, paid.currency
