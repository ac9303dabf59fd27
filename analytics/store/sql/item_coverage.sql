-- Days for which the files of the shops that sell an item tell its sales: another shop's file says
-- nothing of it. Ranges that touch are one.
-- Grain: one row per (sku, market, shop, unbroken range).
-- Parameters: none.
WITH sellers AS (
    SELECT DISTINCT sku_key, market, shop
    FROM item_sales
    WHERE status IN ('sold', 'returned') AND quantity > 0 AND NOT reversed
),

ranges AS (
    SELECT
        covers.shop,
        coalesce(market_map.market, covers.market) AS market,
        covers.starts_on,
        covers.ends_on
    FROM covers
    SEMI JOIN standing ON standing.import_id = covers.import_id
    LEFT JOIN market_map ON market_map.country = covers.market
),

marked AS (
    SELECT
        *,
        starts_on > 1 + max(ends_on) OVER (
            PARTITION BY shop, market ORDER BY starts_on, ends_on
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS opens
    FROM ranges
),

islands AS (
    SELECT
        *,
        sum(coalesce(opens, TRUE)::INTEGER) OVER (
            PARTITION BY shop, market ORDER BY starts_on, ends_on ROWS UNBOUNDED PRECEDING
        ) AS island
    FROM marked
),

covered AS (
    SELECT shop, market, min(starts_on) AS starts_on, max(ends_on) AS ends_on
    FROM islands
    GROUP BY shop, market, island
)

SELECT
    coalesce(skus.sku, sellers.sku_key) AS sku, sellers.market, sellers.shop,
    covered.starts_on, covered.ends_on
FROM sellers
INNER JOIN covered ON covered.shop = sellers.shop AND covered.market = sellers.market
LEFT JOIN skus ON skus.sku_key = sellers.sku_key
ORDER BY sku, sellers.market, sellers.shop, covered.starts_on
