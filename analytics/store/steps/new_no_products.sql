-- The lines of a sheet that are no product and were not seen before.
-- Grain: one row per line.
-- Parameters: none.
WITH numbered AS (
    SELECT
        row_no, key, value,
        row_number() OVER (PARTITION BY key, value ORDER BY row_no) AS occurrence
    FROM fresh_sales
    WHERE is_no_product
)

SELECT numbered.row_no, incoming.sku
FROM numbered
INNER JOIN incoming ON incoming.row_no = numbered.row_no
LEFT JOIN compared_sales AS seen
    ON seen.key = numbered.key AND seen.value = numbered.value
WHERE occurrence > coalesce(seen.same, 0)
ORDER BY numbered.row_no
