-- Sets aside the lines that stood, before this import, under a key that it holds too: the order
-- line (shop, order_id, sku) or, without an order, the cell (shop, market, sku, grain, date).
-- Grain: one row per line that this import replaces.
-- Parameters: $import_id.
CREATE OR REPLACE TEMP TABLE held_sales AS
WITH earlier AS (
    SELECT * FROM sales_lines SEMI JOIN standing USING (import_id) WHERE import_id < $import_id
),

orders AS (
    SELECT DISTINCT shop, order_id, sku_key
    FROM sales_lines
    WHERE import_id = $import_id AND order_id IS NOT NULL
),

cells AS (
    SELECT DISTINCT shop, market, sku_key, grain, date
    FROM sales_lines
    WHERE import_id = $import_id AND order_id IS NULL
)

(
    SELECT * FROM earlier SEMI JOIN orders USING (shop, order_id, sku_key)
    QUALIFY import_id = max(import_id) OVER (PARTITION BY shop, order_id, sku_key)
)
UNION ALL
(
    SELECT * FROM earlier SEMI JOIN cells USING (shop, market, sku_key, grain, date)
    WHERE order_id IS NULL
    QUALIFY import_id = max(import_id) OVER (PARTITION BY shop, market, sku_key, grain, date)
)
