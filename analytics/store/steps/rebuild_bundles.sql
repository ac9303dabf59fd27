-- What each bundle holds, taken apart to the end.
-- Grain: one row per bundle and part.
-- Parameters: none.
CREATE OR REPLACE TABLE bundles AS SELECT bundle_key, sku_key, quantity FROM incoming
