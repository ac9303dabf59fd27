-- Tells the lines of one sheet apart: as multisets of values per key, what both sheets hold is
-- identical; of the rest, as many are updates as lines stood before; what remains is new. Lines
-- that are no product are rejected when they are new.
-- Grain: one row.
-- Parameters: $import_id.
WITH fresh AS (
    SELECT * FROM sales_lines WHERE import_id = $import_id
),

contested AS (
    SELECT * FROM fresh
    SEMI JOIN held_sales
        ON held_sales.shop = fresh.shop
        AND held_sales.sku_key = fresh.sku_key
        AND held_sales.order_id IS NOT DISTINCT FROM fresh.order_id
        AND (
            fresh.order_id IS NOT NULL
            OR (
                held_sales.market = fresh.market
                AND held_sales.grain = fresh.grain
                AND held_sales.date = fresh.date
            )
        )
),

side_by_side AS (
    SELECT *, 1 AS fresh, 0 AS held FROM contested
    UNION ALL
    SELECT *, 0 AS fresh, 1 AS held FROM held_sales
),

tuples AS (
    SELECT
        shop, order_id, sku_key, market, grain, date, status,
        sum(fresh) AS fresh,
        sum(held) AS held,
        least(sum(fresh), sum(held)) AS same
    FROM side_by_side
    GROUP BY
        shop, order_id, sku_key, market, grain, date, status,
        line_id, channel, name, customer, quantity, unit_price, currency, discount
),

keys AS (
    SELECT
        sum(same) AS identical,
        coalesce(sum(same) FILTER (status = 'not_product'), 0) AS identical_rejects,
        least(
            coalesce(sum(fresh - same) FILTER (status <> 'not_product'), 0),
            coalesce(sum(held - same) FILTER (status <> 'not_product'), 0)
        ) AS updated
    FROM tuples
    GROUP BY
        shop, order_id, sku_key,
        CASE WHEN order_id IS NULL THEN market END,
        CASE WHEN order_id IS NULL THEN grain END,
        CASE WHEN order_id IS NULL THEN date END
),

overlap AS (
    SELECT
        coalesce(sum(identical), 0) AS identical,
        coalesce(sum(identical_rejects), 0) AS identical_rejects,
        coalesce(sum(updated), 0) AS updated
    FROM keys
),

lines AS (
    SELECT
        count(*) AS read,
        count(*) FILTER (status = 'not_product') AS rejects,
        min(CASE grain WHEN 'month' THEN date_trunc('month', date)::DATE ELSE date END)
            AS covers_from,
        max(
            CASE grain WHEN 'month' THEN last_day(date) WHEN 'week' THEN date + 6 ELSE date END
        ) AS covers_to
    FROM fresh
)

SELECT
    (read - identical - updated - (rejects - identical_rejects))::BIGINT AS rows_new,
    updated::BIGINT AS rows_updated,
    identical::BIGINT AS rows_identical,
    (rejects - identical_rejects)::BIGINT AS rows_rejected,
    covers_from,
    covers_to
FROM lines, overlap
