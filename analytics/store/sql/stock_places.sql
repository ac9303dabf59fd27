-- Stock as it was counted in each warehouse, and the day from which the count no longer holds.
-- Without a market: a central store. Without a warehouse: of all of them together. Without a date:
-- counted on the day the plan is made. Without "until": it still holds.
-- Grain: one row per (sku, market, warehouse, date).
-- Parameters: none.
SELECT
    coalesce(skus.sku, counted_stock.sku_key) AS sku,
    counted_stock.market,
    counted_stock.warehouse,
    counted_stock.date,
    counted_stock.until,
    counted_stock.on_hand,
    counted_stock.inbound,
    counted_stock.reserved
FROM counted_stock
LEFT JOIN skus ON skus.sku_key = counted_stock.sku_key
ORDER BY sku, counted_stock.market, counted_stock.warehouse, counted_stock.date
