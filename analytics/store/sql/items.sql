-- What is planned: every SKU in every market where it was sold, stands in stock, was ordered for, or
-- is listed with a day of launch; with what the products tables say of it, the market's own word
-- before the general one, and with what was last edited by hand. Of totals only the share counts
-- whose days no finer file tells of. A price that no list states is the mean of what was paid until
-- the day asked for.
-- Grain: one row per (sku, market).
-- Parameters: $as_of (null = whatever was paid).
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

-- Prices are averaged in the currency most units were sold in; free goods have no price. What a week
-- or a month paid is known when it is over.
paid AS (
    SELECT sku_key, market, currency, sum(quantity * unit_price) / sum(quantity) AS price
    FROM lines
    WHERE
        is_demand AND quantity > 0 AND unit_price > 0
        AND (
            $as_of::DATE IS NULL
            OR $as_of::DATE >= CASE grain
                WHEN 'month' THEN last_day(date) WHEN 'week' THEN date + 6 ELSE date
            END
        )
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
    UNION ALL
    SELECT sku_key, market FROM ledger WHERE order_id IS NOT NULL AND NOT is_taken_back
),

-- What was edited by hand, column by column: the newest word, an item's own before that of its SKU in
-- every market; nothing (null) gives the column back to the files.
edits AS (
    SELECT
        judgement_id,
        json_extract_string(TRY_CAST(scope AS JSON), '$.sku') AS sku,
        coalesce(json_extract_string(TRY_CAST(scope AS JSON), '$.market'), '') AS market,
        CASE WHEN json_type(TRY_CAST(body AS JSON)) = 'OBJECT' THEN body ELSE '{}' END AS body
    FROM judgements
    WHERE kind = 'item' AND withdrawn_at IS NULL
),

edited_cells AS (
    SELECT
        coalesce(aliases.sku_key, skus.sku_key, lower(edits.sku)) AS sku_key,
        coalesce(market_map.market, edits.market) AS market,
        edits.judgement_id, cells.key, cells.value
    FROM edits
    CROSS JOIN json_each(edits.body) AS cells
    LEFT JOIN skus ON skus.sku = edits.sku
    LEFT JOIN aliases ON aliases.alias_key = coalesce(skus.sku_key, lower(edits.sku))
    LEFT JOIN market_map ON market_map.country = edits.market
),

edited AS (
    SELECT
        sku_key, market,
        json_transform(json_group_object(key, value), '{
            "unit_cost": "DOUBLE", "currency": "VARCHAR", "moq": "DOUBLE",
            "carton_quantity": "DOUBLE", "carton_volume_m3": "DOUBLE", "carton_weight_kg": "DOUBLE",
            "price": "DOUBLE", "lead_time_days": "DOUBLE", "discontinued": "BOOLEAN",
            "note": "VARCHAR", "tier": "VARCHAR", "supplier": "VARCHAR", "storage_fee": "DOUBLE",
            "salvage_value": "DOUBLE"
        }') AS said
    FROM (
        SELECT * FROM edited_cells
        QUALIFY 1 = row_number() OVER (PARTITION BY sku_key, market, key ORDER BY judgement_id DESC)
    )
    GROUP BY sku_key, market
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
    coalesce(mine.said.supplier, every.said.supplier, own.supplier, general.supplier) AS supplier,
    coalesce(mine.said.unit_cost, every.said.unit_cost, own.unit_cost, general.unit_cost)
        AS unit_cost,
    coalesce(mine.said.price, every.said.price, own.price, general.price, paid.price) AS price,
    coalesce(
        mine.said.currency, every.said.currency,
        CASE WHEN own.unit_cost IS NOT NULL THEN own.currency END, general.currency, own.currency
    ) AS currency,
    CASE
        WHEN own.price IS NOT NULL THEN coalesce(own.currency, general.currency)
        WHEN general.price IS NOT NULL THEN general.currency
        WHEN paid.price IS NOT NULL THEN paid.currency
        WHEN coalesce(mine.said.price, every.said.price) IS NOT NULL
        THEN coalesce(mine.said.currency, every.said.currency, own.currency, general.currency)
    END AS price_currency,
    coalesce(mine.said.moq, every.said.moq, own.moq, general.moq) AS moq,
    coalesce(
        mine.said.carton_quantity, every.said.carton_quantity,
        own.carton_quantity, general.carton_quantity
    ) AS carton_quantity,
    coalesce(
        mine.said.carton_volume_m3, every.said.carton_volume_m3,
        own.carton_volume_m3, general.carton_volume_m3
    ) AS carton_volume_m3,
    coalesce(
        mine.said.carton_weight_kg, every.said.carton_weight_kg,
        own.carton_weight_kg, general.carton_weight_kg
    ) AS carton_weight_kg,
    coalesce(mine.said.lead_time_days, every.said.lead_time_days) AS lead_time_days,
    coalesce(own.launched_on, general.launched_on) AS launched_on,
    coalesce(mine.said.tier, every.said.tier, own.tier, general.tier) AS tier,
    coalesce(
        mine.said.storage_fee, every.said.storage_fee, own.storage_fee, general.storage_fee
    ) AS storage_fee,
    coalesce(
        mine.said.currency, every.said.currency,
        CASE
            WHEN coalesce(mine.said.storage_fee, every.said.storage_fee) IS NOT NULL THEN NULL
            WHEN own.storage_fee IS NOT NULL THEN own.currency
            WHEN general.storage_fee IS NOT NULL THEN general.currency
        END,
        CASE WHEN own.unit_cost IS NOT NULL THEN own.currency END, general.currency, own.currency
    ) AS storage_currency,
    coalesce(
        mine.said.salvage_value, every.said.salvage_value, own.salvage_value, general.salvage_value
    ) AS salvage_value,
    coalesce(
        mine.said.currency, every.said.currency,
        CASE
            WHEN coalesce(mine.said.salvage_value, every.said.salvage_value) IS NOT NULL THEN NULL
            WHEN own.salvage_value IS NOT NULL THEN own.currency
            WHEN general.salvage_value IS NOT NULL THEN general.currency
        END,
        CASE WHEN own.unit_cost IS NOT NULL THEN own.currency END, general.currency, own.currency
    ) AS salvage_currency,
    coalesce(mine.said.discontinued, every.said.discontinued, FALSE) AS discontinued,
    coalesce(mine.said.note, every.said.note, '') AS note,
    coalesce(heirs.sku, own.predecessor_key, general.predecessor_key) AS predecessor,
    sold.first_sale,
    sold.last_sale,
    coalesce(sold.units, 0) AS units
FROM everywhere
LEFT JOIN sold ON sold.sku_key = everywhere.sku_key AND sold.market = everywhere.market
LEFT JOIN paid ON paid.sku_key = everywhere.sku_key AND paid.market = everywhere.market
LEFT JOIN products AS own ON own.sku_key = everywhere.sku_key AND own.market = everywhere.market
LEFT JOIN products AS general ON general.sku_key = everywhere.sku_key AND general.market IS NULL
LEFT JOIN edited AS mine
    ON mine.sku_key = everywhere.sku_key AND mine.market = everywhere.market
LEFT JOIN edited AS every ON every.sku_key = everywhere.sku_key AND every.market = ''
LEFT JOIN skus ON skus.sku_key = everywhere.sku_key
LEFT JOIN skus AS heirs
    ON heirs.sku_key = coalesce(own.predecessor_key, general.predecessor_key)
ORDER BY sku, everywhere.market
