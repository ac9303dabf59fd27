-- Appends the lines of one sheet. A line's shop is its own, else the one that was named, else its
-- channel, else the family of the file.
-- Grain: one row per line of the sheet.
-- Parameters: $import_id, $shop, $family.
INSERT INTO sales_lines BY NAME
SELECT
    $import_id AS import_id,
    row_no,
    coalesce(nullif(trim(shop), ''), nullif($shop, ''), nullif(trim(channel), ''), $family) AS shop,
    nullif(order_id, '') AS order_id,
    line_id,
    sku,
    sku_key,
    date,
    coalesce(grain, 'line') AS grain,
    coalesce(nullif(market, ''), 'unspecified') AS market,
    channel,
    name,
    customer,
    quantity,
    unit_price,
    currency,
    coalesce(status, 'sold') AS status,
    discount
FROM incoming
