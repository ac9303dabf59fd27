-- Aliases, bundles and pooled markets are uploads like all others, that can be taken back; imports
-- may add to what a cell holds; taking back and bringing back are recorded; a coarse total counts
-- only for the days that no finer file of the same shop, market and SKU tells of.

ALTER TABLE imports ADD COLUMN adds BOOLEAN DEFAULT FALSE;

-- What was done to an import after it was made, oldest first.
CREATE TABLE acts (
    import_id INTEGER NOT NULL,
    act VARCHAR NOT NULL,
    who VARCHAR NOT NULL,
    acted_at TIMESTAMPTZ NOT NULL
);

INSERT INTO acts
SELECT import_id, 'undo', coalesce(undone_by, ''), undone_at
FROM imports
WHERE undone_at IS NOT NULL
ORDER BY undone_at, import_id;

-- The days that a sheet of sales tells of, by grain: all from its first to its last.
CREATE TABLE grains (
    import_id INTEGER NOT NULL,
    grain VARCHAR NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL
);

INSERT INTO grains
SELECT
    import_id,
    grain,
    min(CASE grain WHEN 'month' THEN date_trunc('month', date)::DATE ELSE date END),
    max(CASE grain WHEN 'month' THEN last_day(date) WHEN 'week' THEN date + 6 ELSE date END)
FROM sales_lines
WHERE status <> 'not_product'
GROUP BY import_id, grain
ORDER BY import_id, grain;

-- Nobody could write to these three before. Rebuilt after every change from the lines below: chains
-- of aliases are followed to their end, bundles within bundles taken apart.
DROP TABLE aliases;
DROP TABLE bundles;
DROP TABLE market_map;
CREATE TABLE aliases (alias_key VARCHAR, sku_key VARCHAR);
CREATE TABLE bundles (bundle_key VARCHAR, sku_key VARCHAR, quantity DOUBLE);
CREATE TABLE market_map (country VARCHAR, market VARCHAR);

CREATE TABLE aliases_lines (
    import_id INTEGER NOT NULL,
    row_no INTEGER NOT NULL,
    alias VARCHAR NOT NULL,
    alias_key VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    sku_key VARCHAR NOT NULL
);

CREATE TABLE bundles_lines (
    import_id INTEGER NOT NULL,
    row_no INTEGER NOT NULL,
    bundle VARCHAR NOT NULL,
    bundle_key VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    sku_key VARCHAR NOT NULL,
    quantity DOUBLE NOT NULL
);

CREATE TABLE markets_lines (
    import_id INTEGER NOT NULL,
    row_no INTEGER NOT NULL,
    country VARCHAR NOT NULL,
    market VARCHAR NOT NULL
);

-- As last stated; the last row wins within a sheet, and the newest import that names a bundle
-- states all that it holds.
CREATE VIEW stated_aliases AS
SELECT alias_key, sku_key
FROM aliases_lines SEMI JOIN standing USING (import_id)
QUALIFY 1 = row_number() OVER (PARTITION BY alias_key ORDER BY import_id DESC, row_no DESC);

CREATE VIEW stated_bundles AS
SELECT bundle_key, sku_key, quantity, import_id, row_no
FROM bundles_lines SEMI JOIN standing USING (import_id)
QUALIFY import_id = max(import_id) OVER (PARTITION BY bundle_key)
    AND 1 = row_number() OVER (
        PARTITION BY bundle_key, sku_key ORDER BY import_id DESC, row_no DESC
    );

CREATE VIEW stated_markets AS
SELECT country, market
FROM markets_lines SEMI JOIN standing USING (import_id)
QUALIFY 1 = row_number() OVER (PARTITION BY country ORDER BY import_id DESC, row_no DESC);

-- The lines that stand: of each order line (shop, order_id, sku) those of the newest import that
-- holds it; of each cell (shop, market, sku, grain, date) without an order those of the newest
-- import that replaces it, and of the later ones that add to it. An import that would add exactly
-- what another one gave the cell since then is a copy of that one. Equal lines of one import are all
-- kept. Only keys that several imports hold are looked at twice.
CREATE OR REPLACE VIEW standing_sales AS
WITH orders AS NOT MATERIALIZED (
    SELECT shop, order_id, sku_key, max(import_id) AS newest
    FROM sales_lines SEMI JOIN standing USING (import_id)
    WHERE order_id IS NOT NULL
    GROUP BY shop, order_id, sku_key
    HAVING min(import_id) <> max(import_id)
),

cells AS MATERIALIZED (
    SELECT
        shop, market, sku_key, grain, date,
        coalesce(max(import_id) FILTER (NOT adds), min(import_id)) AS base,
        bool_or(adds) AS has_added
    FROM sales_lines
    INNER JOIN (SELECT import_id, adds FROM imports WHERE undone_at IS NULL) USING (import_id)
    WHERE order_id IS NULL
    GROUP BY shop, market, sku_key, grain, date
    HAVING min(import_id) <> max(import_id)
),

contents AS (
    SELECT
        shop, market, sku_key, grain, date, import_id,
        list_sort(list({
            status: status, line_id: line_id, channel: channel, name: name, customer: customer,
            quantity: quantity, unit_price: unit_price, currency: currency, discount: discount
        })) AS content
    FROM sales_lines
    SEMI JOIN standing USING (import_id)
    INNER JOIN cells USING (shop, market, sku_key, grain, date)
    WHERE order_id IS NULL AND cells.has_added AND import_id >= cells.base
    GROUP BY shop, market, sku_key, grain, date, import_id
),

copies AS (
    SELECT shop, market, sku_key, grain, date, import_id
    FROM contents
    QUALIFY 1 < row_number() OVER (
        PARTITION BY shop, market, sku_key, grain, date, content ORDER BY import_id
    )
)

SELECT
    lines.import_id,
    lines.row_no,
    lines.shop,
    lines.market,
    lines.sku_key,
    lines.date,
    lines.grain::grain AS grain,
    lines.status::status AS status,
    lines.quantity,
    lines.unit_price,
    lines.currency
FROM sales_lines AS lines
SEMI JOIN standing ON standing.import_id = lines.import_id
LEFT JOIN orders
    ON orders.shop = lines.shop
    AND orders.order_id = lines.order_id
    AND orders.sku_key = lines.sku_key
LEFT JOIN cells
    ON lines.order_id IS NULL
    AND cells.shop = lines.shop
    AND cells.market = lines.market
    AND cells.sku_key = lines.sku_key
    AND cells.grain = lines.grain
    AND cells.date = lines.date
LEFT JOIN copies
    ON lines.order_id IS NULL
    AND copies.shop = lines.shop
    AND copies.market = lines.market
    AND copies.sku_key = lines.sku_key
    AND copies.grain = lines.grain
    AND copies.date = lines.date
    AND copies.import_id = lines.import_id
WHERE lines.import_id >= coalesce(orders.newest, cells.base, lines.import_id)
    AND copies.import_id IS NULL;

-- Days for which finer lines of a SKU are known in the same shop and market: all days that the file
-- with those lines tells of.
CREATE VIEW finer AS
WITH mixed AS (
    SELECT shop, market
    FROM sales
    WHERE status <> 'not_product'
    GROUP BY shop, market
    HAVING min(grain) <> max(grain)
)

SELECT DISTINCT
    sales.shop, sales.market, sales.sku_key, sales.grain, sales.import_id,
    grains.starts_on, grains.ends_on
FROM sales
INNER JOIN mixed ON mixed.shop = sales.shop AND mixed.market = sales.market
INNER JOIN grains ON grains.import_id = sales.import_id AND grains.grain::grain = sales.grain
WHERE sales.status <> 'not_product';

-- Days of totals that do not count, because finer lines tell of them.
CREATE VIEW told_finer AS
WITH periods AS (
    SELECT
        import_id, row_no, shop, market, sku_key, grain,
        CASE grain WHEN 'month' THEN date_trunc('month', date)::DATE ELSE date END AS starts_on,
        CASE grain WHEN 'month' THEN last_day(date) WHEN 'week' THEN date + 6 ELSE date END
            AS ends_on
    FROM sales
    WHERE grain <> 'line' AND status <> 'not_product'
),

shared_days AS (
    SELECT
        periods.import_id, periods.row_no,
        periods.ends_on - periods.starts_on + 1 AS days,
        finer.import_id AS by_import,
        unnest(generate_series(
            greatest(periods.starts_on, finer.starts_on),
            least(periods.ends_on, finer.ends_on),
            INTERVAL 1 DAY
        ))::DATE AS date
    FROM periods
    INNER JOIN finer
        ON finer.shop = periods.shop
        AND finer.market = periods.market
        AND finer.sku_key = periods.sku_key
        AND finer.grain < periods.grain
        AND finer.starts_on <= periods.ends_on
        AND finer.ends_on >= periods.starts_on
)

SELECT import_id, row_no, date, days, max(by_import) AS by_import
FROM shared_days
GROUP BY import_id, row_no, date, days;

-- Key and value of every line of the small tables, to tell new from updated from identical.
CREATE OR REPLACE VIEW keyed_lines AS
SELECT
    'stock' AS kind, import_id, row_no,
    json_array(date, market, warehouse, sku_key) AS key,
    json_array(on_hand, inbound, reserved) AS value
FROM stock_lines
UNION ALL
SELECT
    'purchase_orders', import_id, row_no,
    CASE
        WHEN order_id IS NOT NULL THEN json_array(order_id, sku_key, market)
        ELSE json_array(supplier, sku_key, ordered_on, NULL)
    END,
    json_array(
        supplier, route, quantity, ordered_on, ready_on, shipped_on, arrived_on, cleared_on,
        received_on, expected_on, quantity_received, unit_cost, currency, market
    )
FROM purchase_orders_lines
UNION ALL
SELECT
    'events', import_id, row_no,
    json_array(name, starts_on, market),
    json_array(ends_on, category, sku_key, demand_uplift_pct, delay_days, route)
FROM events_lines
UNION ALL
SELECT 'rates', import_id, row_no, json_array(currency, date), json_array(rate) FROM rates_lines
UNION ALL
SELECT
    'routes', import_id, row_no,
    json_array(market, route),
    json_array(
        production_days, production_days_worst, quality_check_days, quality_check_days_worst,
        booking_days, booking_days_worst, transit_days, transit_days_worst,
        customs_days, customs_days_worst, check_in_days, check_in_days_worst,
        cost_per_kg, cost_per_m3, currency
    )
FROM routes_lines
UNION ALL
SELECT 'aliases', import_id, row_no, json_array(alias_key), json_array(sku_key) FROM aliases_lines
UNION ALL
SELECT
    'bundles', import_id, row_no, json_array(bundle_key, sku_key), json_array(quantity)
FROM bundles_lines
UNION ALL
SELECT 'markets', import_id, row_no, json_array(country), json_array(market) FROM markets_lines;

-- Sales by item: aliases, bundles and pooled markets applied. A bundle counts as its parts, and its
-- price is nobody's price.
CREATE OR REPLACE VIEW item_sales AS
SELECT
    sales.import_id,
    sales.row_no,
    sales.shop,
    sales.market AS country,
    sales.sku_key AS line_key,
    coalesce(bundles.sku_key, aliases.sku_key, sales.sku_key) AS sku_key,
    coalesce(market_map.market, sales.market) AS market,
    sales.date,
    sales.grain,
    sales.status,
    sales.reversed,
    sales.quantity * coalesce(bundles.quantity, 1) AS quantity,
    CASE WHEN bundles.bundle_key IS NULL THEN sales.unit_price END AS unit_price,
    sales.currency
FROM sales
LEFT JOIN aliases ON aliases.alias_key = sales.sku_key
LEFT JOIN bundles ON bundles.bundle_key = coalesce(aliases.sku_key, sales.sku_key)
LEFT JOIN market_map ON market_map.country = sales.market;
