-- The lines of the lake that no import since has replaced: an order line (shop, order_id, sku), or
-- a cell (shop, market, sku, grain, date) without an order, goes by the newest import that holds it.
-- Grain: one row per line.
-- Parameters: none; "own" is the workspace's own file.
CREATE TEMP VIEW lake_kept AS
WITH since AS (
    SELECT lines.shop, lines.order_id, lines.market, lines.sku_key, lines.grain, lines.date,
        imports.adds
    FROM own.main.sales_lines AS lines
    INNER JOIN imports ON imports.import_id = lines.import_id AND imports.undone_at IS NULL
)

SELECT lines.*
FROM lake.lines AS lines
ANTI JOIN since AS orders
    ON orders.shop = lines.shop
    AND orders.order_id = lines.order_id
    AND orders.sku_key = lines.sku_key
ANTI JOIN (SELECT * FROM since WHERE order_id IS NULL AND NOT adds) AS cells
    ON lines.order_id IS NULL
    AND cells.shop = lines.shop
    AND cells.market = lines.market
    AND cells.sku_key = lines.sku_key
    AND cells.grain = lines.grain
    AND cells.date = lines.date
