-- Dated events that the seller told of.
-- Grain: one row per event and scope (market, category or SKU).
-- Parameters: none.
SELECT
    events.name, events.starts_on, events.ends_on,
    coalesce(market_map.market, events.market) AS market,
    events.category,
    coalesce(skus.sku, events.sku) AS sku,
    events.demand_uplift_pct, events.delay_days, events.route
FROM events
LEFT JOIN skus ON skus.sku_key = events.sku_key
LEFT JOIN market_map ON market_map.country = events.market
ORDER BY events.starts_on, events.name, events.row_no
