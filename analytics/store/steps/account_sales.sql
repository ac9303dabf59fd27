-- Tells the lines of one sheet apart: as multisets of values per key, what both sheets hold is
-- identical; of the rest, as many are updates as lines stood before; what remains is new. Lines
-- that are no product are rejected when they are new. Order lines that stood before and of which the
-- sheet holds fewer are gone.
-- Grain: one row.
-- Parameters: none.
WITH keys AS (
    SELECT
        key,
        is_cell,
        sum(same) AS identical,
        coalesce(sum(same) FILTER (is_no_product), 0) AS identical_rejects,
        least(
            coalesce(sum(fresh - same) FILTER (NOT is_no_product), 0),
            coalesce(sum(held - same) FILTER (NOT is_no_product), 0)
        ) AS updated,
        CASE
            WHEN NOT is_cell
                THEN greatest(
                    coalesce(sum(held - fresh) FILTER (NOT is_no_product), 0), 0
                )
            ELSE 0
        END AS gone
    FROM compared_sales
    GROUP BY key, is_cell
),

overlap AS (
    SELECT
        coalesce(sum(identical), 0) AS identical,
        coalesce(sum(identical_rejects), 0) AS identical_rejects,
        coalesce(sum(updated), 0) AS updated,
        coalesce(sum(updated) FILTER (is_cell), 0) AS cells,
        coalesce(sum(gone), 0) AS gone
    FROM keys
),

orders AS (
    SELECT count(DISTINCT order_id) AS gone
    FROM held_sales
    SEMI JOIN (SELECT key FROM keys WHERE gone > 0) AS thinned USING (key)
),

lines AS (
    SELECT
        count(*) AS read,
        count(*) FILTER (is_no_product) AS rejects,
        min(CASE grain WHEN 'month' THEN date_trunc('month', date)::DATE ELSE date END)
            AS covers_from,
        max(
            CASE grain WHEN 'month' THEN last_day(date) WHEN 'week' THEN date + 6 ELSE date END
        ) AS covers_to
    FROM fresh_sales
)

SELECT
    (read - identical - updated - (rejects - identical_rejects))::BIGINT AS rows_new,
    updated::BIGINT AS rows_updated,
    identical::BIGINT AS rows_identical,
    (rejects - identical_rejects)::BIGINT AS rows_rejected,
    cells::BIGINT AS cells_changed,
    overlap.gone::BIGINT AS lines_gone,
    orders.gone::BIGINT AS orders_thinned,
    covers_from,
    covers_to
FROM lines, overlap, orders
