-- How each SKU was first written, and what it was last called: in the lake first, then since.
-- Grain: one row per sku_key.
-- Parameters: none; "own" is the workspace's own file.
CREATE TEMP VIEW skus AS
SELECT
    coalesce(told.sku_key, since.sku_key) AS sku_key,
    coalesce(told.sku, since.sku) AS sku,
    coalesce(since.name, told.name) AS name
FROM own.main.skus AS since
FULL JOIN lake.skus AS told ON told.sku_key = since.sku_key
