-- Bundles as last stated, oldest import first.
-- Grain: one row per bundle and part.
-- Parameters: none.
SELECT bundle_key, sku_key, quantity FROM stated_bundles ORDER BY import_id, bundle_key, row_no
