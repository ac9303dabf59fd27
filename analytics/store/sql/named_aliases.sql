-- Aliases as last stated, as they were written; one that names itself was taken back.
-- Grain: one row per alias.
-- Parameters: none.
SELECT alias, sku
FROM aliases_lines SEMI JOIN standing USING (import_id)
QUALIFY alias_key <> sku_key
    AND 1 = row_number() OVER (PARTITION BY alias_key ORDER BY import_id DESC, row_no DESC)
ORDER BY alias_key
