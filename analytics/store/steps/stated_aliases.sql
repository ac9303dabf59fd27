-- Aliases as last stated.
-- Grain: one row per alias.
-- Parameters: none.
SELECT alias_key, sku_key FROM stated_aliases ORDER BY alias_key
