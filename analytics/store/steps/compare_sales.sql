-- Counts, for every key that both hold, each set of values: in the sheet, among the lines that
-- stand, and in both. What is added to a cell is compared with nothing, unless it is a copy.
-- Grain: one row per key and set of values.
-- Parameters: $adds.
CREATE OR REPLACE TEMP TABLE compared_sales AS
WITH side_by_side AS (
    SELECT key, value, is_cell, is_no_product, 1 AS fresh, 0 AS held
    FROM fresh_sales SEMI JOIN held_sales USING (key)
    UNION ALL
    SELECT key, value, is_cell, is_no_product, 0 AS fresh, 1 AS held
    FROM held_sales
),

counted AS (
    SELECT
        key, value, is_cell, is_no_product,
        sum(fresh)::BIGINT AS fresh,
        sum(held)::BIGINT AS held
    FROM side_by_side
    WHERE NOT ($adds AND is_cell)
    GROUP BY key, value, is_cell, is_no_product
)

SELECT *, least(fresh, held) AS same FROM counted
UNION ALL
SELECT key, value, is_cell, is_no_product, count(*), count(*), count(*)
FROM fresh_sales
SEMI JOIN copied_cells USING (key)
GROUP BY key, value, is_cell, is_no_product
