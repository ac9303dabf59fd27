-- How each SKU was first written, in any table, else in an order made here, and what a sale last
-- called it.
-- Grain: one row per sku_key.
-- Parameters: none.
CREATE OR REPLACE TABLE skus AS
WITH written AS (
    SELECT sku_key, sku, name, import_id, row_no FROM sales_lines
    UNION ALL
    SELECT sku_key, sku, NULL, import_id, row_no FROM products_lines
    UNION ALL
    SELECT sku_key, sku, NULL, import_id, row_no FROM stock_lines
    UNION ALL
    SELECT sku_key, sku, NULL, import_id, row_no FROM purchase_orders_lines
    UNION ALL
    SELECT sku_key, sku, NULL, import_id, row_no FROM aliases_lines
    UNION ALL
    SELECT sku_key, sku, NULL, import_id, row_no FROM bundles_lines
),

standing_words AS (
    SELECT * FROM written SEMI JOIN standing USING (import_id)
    UNION ALL
    SELECT sku_key, sku, name, 2147483647, line_id FROM ledger_lines
)

SELECT
    sku_key,
    arg_min(sku, import_id * 4294967296 + row_no) AS sku,
    arg_max(name, import_id * 4294967296 + row_no) FILTER (import_id < 2147483647) AS name
FROM standing_words
GROUP BY sku_key
