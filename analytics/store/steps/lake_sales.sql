-- What stands, for whoever asks: the workspace's own sales and the lake's, under the name that every
-- question and every view reads.
-- Grain: one row per line that stands.
-- Parameters: none; "own" is the workspace's own file.
CREATE TEMP VIEW sales AS
SELECT
    import_id, row_no, shop, market, sku_key, date, grain, status, quantity, unit_price, currency,
    reversed
FROM own.main.sales
UNION ALL
SELECT
    import_id, row_no, shop, market, sku_key, date, grain::grain, status::status, quantity,
    unit_price, currency, reversed
FROM lake_kept
