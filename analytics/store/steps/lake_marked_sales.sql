-- What stands, as in lake_sales.sql, where something was taken back across the lake's end.
-- Grain: one row per line that stands.
-- Parameters: none; "own" is the workspace's own file.
CREATE OR REPLACE TEMP VIEW sales AS
SELECT
    stands.* REPLACE (
        stands.grain::grain AS grain,
        stands.status::status AS status,
        coalesce(marks.reversed, stands.reversed) AS reversed
    )
FROM (
    SELECT
        import_id, row_no, shop, market, sku_key, date, grain::VARCHAR AS grain,
        status::VARCHAR AS status, quantity, unit_price, currency, reversed
    FROM own.main.sales
    UNION ALL
    SELECT
        import_id, row_no, shop, market, sku_key, date, grain, status, quantity, unit_price,
        currency, reversed
    FROM lake_kept
) AS stands
LEFT JOIN lake.marks AS marks
    ON marks.import_id = stands.import_id
    AND marks.row_no = stands.row_no
