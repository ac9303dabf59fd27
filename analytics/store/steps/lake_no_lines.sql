-- Stands in for the lines of a lake that has none.
-- Grain: none.
-- Parameters: none.
CREATE VIEW lake.lines AS
SELECT
    NULL::INTEGER AS import_id, NULL::INTEGER AS row_no, NULL::VARCHAR AS shop,
    NULL::VARCHAR AS order_id, NULL::VARCHAR AS line_id, NULL::VARCHAR AS sku,
    NULL::VARCHAR AS sku_key, NULL::DATE AS date, NULL::VARCHAR AS grain, NULL::VARCHAR AS market,
    NULL::VARCHAR AS channel, NULL::VARCHAR AS name, NULL::VARCHAR AS customer,
    NULL::DOUBLE AS quantity, NULL::DOUBLE AS unit_price, NULL::VARCHAR AS currency,
    NULL::VARCHAR AS status, NULL::DOUBLE AS discount, NULL::BOOLEAN AS reversed
WHERE FALSE
