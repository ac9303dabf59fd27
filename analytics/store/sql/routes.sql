-- Ways from supplier to shelf, days per stage.
-- Grain: one row per (market, route).
-- Parameters: none.
SELECT
    coalesce(market_map.market, routes.market) AS market,
    routes.* EXCLUDE (import_id, row_no, market)
FROM routes
LEFT JOIN market_map ON market_map.country = routes.market
QUALIFY 1 = row_number() OVER (
    PARTITION BY coalesce(market_map.market, routes.market), routes.route
    ORDER BY routes.import_id DESC, routes.row_no DESC
)
ORDER BY market, routes.route
