-- Sets a sheet's lines aside under the key of what each replaces, the order line (shop, order_id,
-- sku) or, without an order, the cell (shop, market, sku, grain, date); with a hash of its values.
-- Grain: one row per line of the sheet.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE fresh_sales AS
SELECT
    row_no,
    order_id IS NULL AS is_cell,
    status = 'not_product' AS is_no_product,
    date,
    grain,
    sale_key(shop, sku_key, order_id, market, grain, date) AS key,
    sale_value(
        market, grain, date, status, line_id, channel, name, customer, quantity, unit_price,
        currency, discount
    ) AS value
FROM incoming
