-- What each alias stands for in the end.
-- Grain: one row per alias.
-- Parameters: none.
CREATE OR REPLACE TABLE aliases AS SELECT alias_key, sku_key FROM incoming
