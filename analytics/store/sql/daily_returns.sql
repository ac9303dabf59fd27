-- Units that came back, by the day that the files name; cancelled lines are none.
-- Grain: one row per (sku, market, date).
-- Parameters: none.
WITH total AS (
    SELECT sku_key, market, date, sum(abs(quantity)) AS returned
    FROM item_sales
    WHERE grain = 'line' AND (status = 'returned' OR (status = 'sold' AND quantity < 0))
    GROUP BY sku_key, market, date
    HAVING sum(abs(quantity)) > 0
)

SELECT coalesce(skus.sku, total.sku_key) AS sku, total.market, total.date, total.returned
FROM total
LEFT JOIN skus ON skus.sku_key = total.sku_key
ORDER BY sku, total.market, total.date
