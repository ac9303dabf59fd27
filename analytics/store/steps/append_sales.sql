-- Lets the lines of this sheet stand, all but copies of what a cell already has.
-- Grain: one row per line of the sheet.
-- Parameters: $import_id, $adds.
INSERT INTO sales BY NAME
SELECT
    $import_id AS import_id, row_no, shop, market, sku_key, date, grain, status, quantity,
    unit_price, currency, FALSE AS reversed
FROM incoming
WHERE NOT $adds OR row_no NOT IN (
    SELECT row_no FROM fresh_sales SEMI JOIN copied_cells USING (key)
)
