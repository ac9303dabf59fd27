-- Whether no sales stand.
-- Grain: one row.
-- Parameters: none.
SELECT count(*) = 0 AS is_empty FROM sales WHERE status <> 'not_product'
