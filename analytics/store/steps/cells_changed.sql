-- How many values that stand in cells this sheet changes or drops: lines without an order id.
-- Grain: one row.
-- Parameters: none.
SELECT coalesce(sum(held - same), 0)::BIGINT
FROM compared_sales
WHERE is_cell AND NOT is_no_product
