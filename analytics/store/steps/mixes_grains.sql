-- Whether lines of this sheet and what stands, of one shop and market, are of several grains.
-- Grain: one row.
-- Parameters: none.
WITH present AS (
    SELECT DISTINCT shop, market, grain FROM incoming WHERE status <> 'not_product'
),

standing_grains AS (
    SELECT DISTINCT covers.shop, covers.market, grains.grain
    FROM covers
    INNER JOIN grains USING (import_id)
    SEMI JOIN standing USING (import_id)
    SEMI JOIN present ON present.shop = covers.shop AND present.market = covers.market
)

SELECT coalesce(max(number), 0) > 1
FROM (
    SELECT count(DISTINCT grain) AS number
    FROM (
        SELECT shop, market, grain FROM present
        UNION ALL
        SELECT shop, market, grain FROM standing_grains
    )
    GROUP BY shop, market
)
