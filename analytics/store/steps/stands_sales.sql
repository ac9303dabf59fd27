-- Whether what an import said of sales still stands: each of its lines, or an equal one in its stead.
-- Grain: one row.
-- Parameters: $import_id.
WITH own AS (
    SELECT
        import_id,
        row_no,
        sale_key(shop, sku_key, order_id, market, grain, date) AS key,
        sale_value(
            market, grain, date, status, line_id, channel, name, customer, quantity, unit_price,
            currency, discount
        ) AS value
    FROM sales_lines
    WHERE import_id = $import_id
),

gone AS (
    SELECT DISTINCT key FROM own ANTI JOIN sales USING (import_id, row_no)
),

said AS (
    SELECT key, value, count(*) AS lines FROM own SEMI JOIN gone USING (key) GROUP BY key, value
),

stood AS (
    SELECT
        sale_key(shop, sku_key, order_id, market, grain, date) AS key,
        sale_value(
            market, grain, date, status, line_id, channel, name, customer, quantity, unit_price,
            currency, discount
        ) AS value
    FROM sales_lines
    SEMI JOIN sales USING (import_id, row_no)
    WHERE EXISTS (SELECT key FROM gone)
),

standing AS (
    SELECT key, value, count(*) AS lines FROM stood SEMI JOIN gone USING (key) GROUP BY key, value
)

SELECT NOT EXISTS (
    SELECT said.key
    FROM said
    LEFT JOIN standing ON standing.key = said.key AND standing.value = said.value
    WHERE said.lines > coalesce(standing.lines, 0)
)
