-- Units sold: lines that are sales and were not reversed, by item and day; what was sent back later
-- was wanted all the same. Totals of a week or a month are spread evenly over their days; where a
-- finer file of the same shop covers a day of the same SKU, the finer one counts alone. Of days told
-- line by line also the number of lines and the largest one; the price of a unit is the mean over
-- lines in the item's commonest currency.
-- Grain: one row per (sku, market, date) with units above zero.
-- Parameters: none.
WITH sold AS (
    SELECT import_id, row_no, market, sku_key, date, grain, quantity, unit_price, currency
    FROM item_sales
    WHERE status IN ('sold', 'returned') AND quantity > 0 AND NOT reversed
),

periods AS (
    SELECT
        import_id, row_no, market, sku_key, quantity,
        CASE grain WHEN 'month' THEN date_trunc('month', date)::DATE ELSE date END AS starts_on,
        CASE grain WHEN 'month' THEN last_day(date) WHEN 'week' THEN date + 6 ELSE date END AS ends_on
    FROM sold
    WHERE grain <> 'line'
),

spread AS (
    SELECT
        import_id, row_no, market, sku_key,
        unnest(generate_series(starts_on, ends_on, INTERVAL 1 DAY))::DATE AS date,
        quantity / (ends_on - starts_on + 1) AS quantity
    FROM periods
),

tills AS (
    SELECT sku_key, market, mode(currency) AS currency
    FROM sold
    WHERE unit_price > 0 AND grain = 'line'
    GROUP BY sku_key, market
),

daily AS (
    SELECT
        sold.sku_key, sold.market, sold.date, sold.quantity, sold.quantity AS line,
        CASE
            WHEN sold.unit_price > 0 AND sold.currency IS NOT DISTINCT FROM tills.currency
                THEN sold.unit_price
        END AS price
    FROM sold
    LEFT JOIN tills ON tills.sku_key = sold.sku_key AND tills.market = sold.market
    WHERE sold.grain = 'line'
    UNION ALL
    SELECT sku_key, market, date, quantity, NULL, NULL
    FROM spread ANTI JOIN told_finer USING (import_id, row_no, date)
),

total AS (
    SELECT
        sku_key,
        market,
        date,
        sum(quantity) AS units,
        nullif(count(line), 0) AS orders,
        max(line) AS largest,
        sum(quantity * price) / nullif(sum(quantity) FILTER (price IS NOT NULL), 0) AS price
    FROM daily
    GROUP BY sku_key, market, date
    HAVING sum(quantity) > 0
)

SELECT coalesce(skus.sku, total.sku_key) AS sku, total.market, total.date, total.units,
    total.orders, total.largest, total.price
FROM total
LEFT JOIN skus ON skus.sku_key = total.sku_key
ORDER BY sku, total.market, total.date
