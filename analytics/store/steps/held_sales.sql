-- Sets aside the lines that stand under a key that this sheet holds too. Keys are compared as they
-- are; the hashes only group what is known to share them.
-- Grain: one row per line that the sheet replaces, repeats or adds to.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE held_sales AS
WITH held AS (
    SELECT lines.*
    FROM sales_lines AS lines
    SEMI JOIN incoming
        ON incoming.shop = lines.shop
        AND incoming.order_id = lines.order_id
        AND incoming.sku_key = lines.sku_key
    UNION ALL
    SELECT lines.*
    FROM sales_lines AS lines
    SEMI JOIN (SELECT * FROM incoming WHERE order_id IS NULL) AS cells
        ON cells.shop = lines.shop
        AND cells.market = lines.market
        AND cells.sku_key = lines.sku_key
        AND cells.grain = lines.grain
        AND cells.date = lines.date
    WHERE lines.order_id IS NULL
)

SELECT
    import_id,
    row_no,
    order_id,
    order_id IS NULL AS is_cell,
    status = 'not_product' AS is_no_product,
    sale_key(shop, sku_key, order_id, market, grain, date) AS key,
    sale_value(
        market, grain, date, status, line_id, channel, name, customer, quantity, unit_price,
        currency, discount
    ) AS value
FROM held SEMI JOIN sales USING (import_id, row_no)
