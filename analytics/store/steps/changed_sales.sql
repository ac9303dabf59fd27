-- The first updated lines of a sheet beside what they replace: what is not identical, in the order
-- of the rows on either side.
-- Grain: one row per updated line.
-- Parameters: $limit.
WITH keys AS (
    SELECT
        key,
        least(
            sum(fresh - same) FILTER (NOT is_no_product),
            sum(held - same) FILTER (NOT is_no_product)
        ) AS updated
    FROM compared_sales
    GROUP BY key
    HAVING updated > 0
),

first_keys AS (
    SELECT key, any_value(keys.updated) AS updated
    FROM fresh_sales
    INNER JOIN keys USING (key)
    GROUP BY key
    ORDER BY min(row_no)
    LIMIT $limit
),

fresh AS (
    SELECT
        lines.row_no, lines.key, lines.value,
        row_number() OVER (PARTITION BY lines.key, lines.value ORDER BY lines.row_no) AS occurrence
    FROM fresh_sales AS lines
    SEMI JOIN first_keys ON first_keys.key = lines.key
    WHERE NOT is_no_product
),

held AS (
    SELECT
        lines.import_id, lines.row_no, lines.key, lines.value,
        row_number() OVER (
            PARTITION BY lines.key, lines.value ORDER BY lines.import_id, lines.row_no
        ) AS occurrence
    FROM held_sales AS lines
    SEMI JOIN first_keys ON first_keys.key = lines.key
    WHERE NOT is_no_product
),

fresh_rest AS (
    SELECT fresh.*, row_number() OVER (PARTITION BY fresh.key ORDER BY fresh.row_no) AS place
    FROM fresh
    INNER JOIN compared_sales AS told USING (key, value)
    WHERE fresh.occurrence > told.same
),

held_rest AS (
    SELECT
        held.*,
        row_number() OVER (PARTITION BY held.key ORDER BY held.import_id, held.row_no) AS place
    FROM held
    INNER JOIN compared_sales AS told USING (key, value)
    WHERE held.occurrence > told.same
)

SELECT
    incoming.row_no AS "row",
    incoming.order_id,
    incoming.sku,
    incoming.market,
    incoming.date,
    before.quantity AS quantity_before,
    incoming.quantity,
    before.unit_price AS unit_price_before,
    incoming.unit_price,
    before.status AS status_before,
    incoming.status
FROM fresh_rest
INNER JOIN first_keys ON first_keys.key = fresh_rest.key AND fresh_rest.place <= first_keys.updated
INNER JOIN held_rest ON held_rest.key = fresh_rest.key AND held_rest.place = fresh_rest.place
INNER JOIN sales_lines AS before
    ON before.import_id = held_rest.import_id AND before.row_no = held_rest.row_no
INNER JOIN incoming ON incoming.row_no = fresh_rest.row_no
ORDER BY incoming.row_no
LIMIT $limit
