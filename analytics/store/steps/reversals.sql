-- Pairs of a line with a negative quantity and a sale that it may take back: same shop and SKU, same
-- customer or order, opposite quantity, at most 7 days later; the likeliest pair first.
-- Grain: one row per (negative line, sale).
-- Parameters: none.
WITH negative AS (
    SELECT lines.import_id, lines.row_no, lines.shop, lines.sku_key, lines.date, lines.quantity,
        lines.customer, lines.order_id
    FROM sales_lines AS lines
    SEMI JOIN sales
        ON sales.import_id = lines.import_id
        AND sales.row_no = lines.row_no
        AND sales.quantity < 0
        AND sales.status <> 'not_product'
    WHERE lines.quantity < 0
),

candidates AS (
    SELECT
        negative.import_id AS by_import, negative.row_no AS by_row, negative.date AS by_date,
        lines.import_id, lines.row_no, lines.date
    FROM sales_lines AS lines
    INNER JOIN negative
        ON negative.shop = lines.shop
        AND negative.sku_key = lines.sku_key
        AND negative.quantity = -lines.quantity
        AND negative.customer = lines.customer
        AND lines.date BETWEEN negative.date - 7 AND negative.date
    WHERE lines.quantity > 0 AND lines.status IN ('sold', 'returned')
    UNION
    SELECT
        negative.import_id, negative.row_no, negative.date,
        lines.import_id, lines.row_no, lines.date
    FROM sales_lines AS lines
    INNER JOIN negative
        ON negative.shop = lines.shop
        AND negative.sku_key = lines.sku_key
        AND negative.quantity = -lines.quantity
        AND negative.order_id = lines.order_id
        AND lines.date BETWEEN negative.date - 7 AND negative.date
    WHERE lines.quantity > 0 AND lines.status IN ('sold', 'returned')
)

SELECT candidates.by_import, candidates.by_row, candidates.import_id, candidates.row_no
FROM candidates
SEMI JOIN sales ON sales.import_id = candidates.import_id AND sales.row_no = candidates.row_no
ORDER BY by_date, by_import, by_row, candidates.date DESC, candidates.import_id DESC, candidates.row_no DESC
