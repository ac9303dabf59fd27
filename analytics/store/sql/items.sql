-- What is planned: every SKU in every market where it was sold, stands in stock, was ordered for, or
-- is listed with a day of launch; with what the products tables say of it, the market's own word
-- before the general one. Of totals only the share counts whose days no finer file tells of.
-- Grain: one row per (sku, market).
-- Parameters: none.
WITH told AS (
    SELECT import_id, row_no, 1 - count(*) / any_value(days) AS share
    FROM told_finer
    GROUP BY import_id, row_no
),

lines AS (
    SELECT
        item_sales.* REPLACE (quantity * coalesce(told.share, 1) AS quantity),
        status IN ('sold', 'returned') AND quantity > 0 AND NOT reversed AS is_demand
    FROM item_sales
    LEFT JOIN told ON told.import_id = item_sales.import_id AND told.row_no = item_sales.row_no
    WHERE status <> 'not_product'
),

sold AS (
    SELECT
        sku_key, market,
        min(date) FILTER (is_demand) AS first_sale,
        max(date) FILTER (is_demand) AS last_sale,
        coalesce(sum(quantity) FILTER (is_demand), 0) AS units
    FROM lines
    GROUP BY sku_key, market
),

-- Prices are averaged in the currency most units were sold in; free goods have no price.
paid AS (
    SELECT sku_key, market, currency, sum(quantity * unit_price) / sum(quantity) AS price
    FROM lines
    WHERE is_demand AND quantity > 0 AND unit_price > 0
    GROUP BY sku_key, market, currency
    QUALIFY 1 = row_number() OVER (
        PARTITION BY sku_key, market ORDER BY sum(quantity) DESC, currency NULLS LAST
    )
),

-- Orders without a market: those of a SKU that sells in one are for an item that is there already.
only_market AS (
    SELECT CASE WHEN min(market) = max(market) THEN min(market) END AS market FROM sold
),

placed AS (
    SELECT sku_key, coalesce(market, (SELECT market FROM unplaced)) AS market FROM stock
    UNION ALL
    SELECT
        purchase_orders.sku_key,
        coalesce(purchase_orders.market, (SELECT market FROM only_market))
    FROM purchase_orders
),

everywhere AS (
    SELECT sku_key, market FROM sold
    UNION
    SELECT
        coalesce(aliases.sku_key, placed.sku_key),
        coalesce(market_map.market, placed.market)
    FROM placed
    LEFT JOIN aliases ON aliases.alias_key = placed.sku_key
    LEFT JOIN market_map ON market_map.country = placed.market
    WHERE placed.market IS NOT NULL
    UNION
    SELECT sku_key, market FROM products WHERE market IS NOT NULL AND launched_on IS NOT NULL
)

SELECT
    coalesce(skus.sku, everywhere.sku_key) AS sku,
    everywhere.market,
    coalesce(own.name, general.name, skus.name) AS name,
    coalesce(own.category, general.category) AS category,
    coalesce(own.supplier, general.supplier) AS supplier,
    coalesce(own.unit_cost, general.unit_cost) AS unit_cost,
    coalesce(own.price, general.price, paid.price) AS price,
    CASE WHEN own.unit_cost IS NULL THEN general.currency ELSE coalesce(own.currency, general.currency) END
        AS currency,
    CASE
        WHEN own.price IS NOT NULL THEN coalesce(own.currency, general.currency)
        WHEN general.price IS NOT NULL THEN general.currency
        ELSE paid.currency
    END AS price_currency,
    coalesce(own.moq, general.moq) AS moq,
    coalesce(own.carton_quantity, general.carton_quantity) AS carton_quantity,
    coalesce(own.launched_on, general.launched_on) AS launched_on,
    coalesce(own.tier, general.tier) AS tier,
    coalesce(own.storage_fee, general.storage_fee) AS storage_fee,
    coalesce(heirs.sku, own.predecessor_key, general.predecessor_key) AS predecessor,
    sold.first_sale,
    sold.last_sale,
    coalesce(sold.units, 0) AS units
FROM everywhere
LEFT JOIN sold ON sold.sku_key = everywhere.sku_key AND sold.market = everywhere.market
LEFT JOIN paid ON paid.sku_key = everywhere.sku_key AND paid.market = everywhere.market
LEFT JOIN products AS own ON own.sku_key = everywhere.sku_key AND own.market = everywhere.market
LEFT JOIN products AS general ON general.sku_key = everywhere.sku_key AND general.market IS NULL
LEFT JOIN skus ON skus.sku_key = everywhere.sku_key
LEFT JOIN skus AS heirs
    ON heirs.sku_key = coalesce(own.predecessor_key, general.predecessor_key)
ORDER BY sku, everywhere.market
