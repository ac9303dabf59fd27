-- Bundles as last stated, as they were written; one that holds itself was taken back.
-- Grain: one row per bundle and part.
-- Parameters: none.
SELECT bundle, sku, quantity
FROM bundles_lines SEMI JOIN stated_bundles USING (import_id, row_no)
WHERE bundle_key <> sku_key
ORDER BY bundle_key, import_id, row_no
