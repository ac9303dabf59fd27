-- The first shape of a workspace. Lines are append-only and belong to an import; what is current is
-- rebuilt or viewed from the lines of imports that were not undone. The two big tables carry no
-- key and no index: identity is settled while loading, under the workspace's lock.

CREATE TABLE schema_version (version INTEGER NOT NULL, applied_at TIMESTAMPTZ NOT NULL);
CREATE TABLE meta (name VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);
CREATE TABLE settings (name VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);

CREATE TABLE imports (
    import_id INTEGER NOT NULL,
    file VARCHAR NOT NULL,
    sheet VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    family VARCHAR NOT NULL,
    shop VARCHAR NOT NULL,
    mapping VARCHAR NOT NULL,
    who VARCHAR NOT NULL,
    imported_at TIMESTAMPTZ NOT NULL,
    rows_read BIGINT NOT NULL,
    rows_new BIGINT NOT NULL,
    rows_updated BIGINT NOT NULL,
    rows_identical BIGINT NOT NULL,
    rows_rejected BIGINT NOT NULL,
    rows_ignored BIGINT NOT NULL,
    covers_from DATE,
    covers_to DATE,
    undone_at TIMESTAMPTZ,
    undone_by VARCHAR
);

-- "row" is the line in the file, "column" the canonical column or the header.
CREATE TABLE rejects (
    import_id INTEGER NOT NULL,
    "row" BIGINT NOT NULL,
    "column" VARCHAR,
    value VARCHAR,
    code VARCHAR NOT NULL,
    facts VARCHAR NOT NULL
);

-- What a person chose for files of one shape.
CREATE TABLE mappings (
    fingerprint VARCHAR PRIMARY KEY,
    choice VARCHAR NOT NULL,
    chosen_at TIMESTAMPTZ NOT NULL
);

-- Applied on read, so that they can be taken back.
CREATE TABLE aliases (alias_key VARCHAR PRIMARY KEY, sku_key VARCHAR NOT NULL, sku VARCHAR NOT NULL);
CREATE TABLE bundles (
    bundle_key VARCHAR NOT NULL,
    sku_key VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    quantity DOUBLE NOT NULL
);
CREATE TABLE market_map (country VARCHAR PRIMARY KEY, market VARCHAR NOT NULL);

CREATE TABLE sales_lines (
    import_id INTEGER NOT NULL,
    row_no INTEGER NOT NULL,
    shop VARCHAR NOT NULL,
    order_id VARCHAR,
    line_id VARCHAR,
    sku VARCHAR NOT NULL,
    sku_key VARCHAR NOT NULL,
    date DATE NOT NULL,
    grain VARCHAR NOT NULL,
    market VARCHAR NOT NULL,
    channel VARCHAR,
    name VARCHAR,
    customer VARCHAR,
    quantity DOUBLE NOT NULL,
    unit_price DOUBLE,
    currency VARCHAR,
    status VARCHAR NOT NULL,
    discount DOUBLE
);

-- The days that an import covers for each shop and market that it holds.
CREATE TABLE covers (
    import_id INTEGER NOT NULL,
    shop VARCHAR NOT NULL,
    market VARCHAR NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL
);

-- Ordered from fine to coarse, so that "finer" is "less".
CREATE TYPE grain AS ENUM ('line', 'day', 'week', 'month');
CREATE TYPE status AS ENUM ('sold', 'cancelled', 'returned', 'not_product');

-- Rebuilt after every change from standing_sales.
CREATE TABLE sales (
    import_id INTEGER,
    row_no INTEGER,
    shop VARCHAR,
    market VARCHAR,
    sku_key VARCHAR,
    date DATE,
    grain grain,
    status status,
    quantity DOUBLE,
    unit_price DOUBLE,
    currency VARCHAR,
    reversed BOOLEAN
);

-- Rebuilt after every change: how each SKU was first written, and what it was last called.
CREATE TABLE skus (sku_key VARCHAR, sku VARCHAR, name VARCHAR);

CREATE TABLE products_lines (
    import_id INTEGER NOT NULL,
    row_no INTEGER NOT NULL,
    sku VARCHAR NOT NULL,
    sku_key VARCHAR NOT NULL,
    market VARCHAR,
    name VARCHAR,
    category VARCHAR,
    supplier VARCHAR,
    unit_cost DOUBLE,
    price DOUBLE,
    currency VARCHAR,
    moq DOUBLE,
    carton_quantity DOUBLE,
    carton_volume_m3 DOUBLE,
    carton_weight_kg DOUBLE,
    launched_on DATE,
    storage_fee DOUBLE,
    salvage_value DOUBLE,
    tier VARCHAR,
    predecessor VARCHAR,
    predecessor_key VARCHAR
);

CREATE TABLE stock_lines (
    import_id INTEGER NOT NULL,
    row_no INTEGER NOT NULL,
    sku VARCHAR NOT NULL,
    sku_key VARCHAR NOT NULL,
    date DATE,
    market VARCHAR,
    warehouse VARCHAR,
    on_hand DOUBLE NOT NULL,
    inbound DOUBLE,
    reserved DOUBLE
);

CREATE TABLE purchase_orders_lines (
    import_id INTEGER NOT NULL,
    row_no INTEGER NOT NULL,
    order_id VARCHAR,
    sku VARCHAR NOT NULL,
    sku_key VARCHAR NOT NULL,
    market VARCHAR,
    supplier VARCHAR,
    route VARCHAR,
    quantity DOUBLE NOT NULL,
    ordered_on DATE NOT NULL,
    ready_on DATE,
    shipped_on DATE,
    arrived_on DATE,
    cleared_on DATE,
    received_on DATE,
    expected_on DATE,
    quantity_received DOUBLE,
    unit_cost DOUBLE,
    currency VARCHAR
);

CREATE TABLE events_lines (
    import_id INTEGER NOT NULL,
    row_no INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    market VARCHAR,
    category VARCHAR,
    sku VARCHAR,
    sku_key VARCHAR,
    demand_uplift_pct DOUBLE,
    delay_days DOUBLE,
    route VARCHAR
);

CREATE TABLE rates_lines (
    import_id INTEGER NOT NULL,
    row_no INTEGER NOT NULL,
    currency VARCHAR NOT NULL,
    date DATE NOT NULL,
    rate DOUBLE NOT NULL
);

CREATE TABLE routes_lines (
    import_id INTEGER NOT NULL,
    row_no INTEGER NOT NULL,
    market VARCHAR NOT NULL,
    route VARCHAR NOT NULL,
    production_days DOUBLE,
    production_days_worst DOUBLE,
    quality_check_days DOUBLE,
    quality_check_days_worst DOUBLE,
    booking_days DOUBLE,
    booking_days_worst DOUBLE,
    transit_days DOUBLE,
    transit_days_worst DOUBLE,
    customs_days DOUBLE,
    customs_days_worst DOUBLE,
    check_in_days DOUBLE,
    check_in_days_worst DOUBLE,
    cost_per_kg DOUBLE,
    cost_per_m3 DOUBLE,
    currency VARCHAR
);

-- The costly answer, computed once per change of data.
CREATE TABLE forecasts (
    key VARCHAR NOT NULL,
    saved_at TIMESTAMPTZ NOT NULL,
    sku VARCHAR NOT NULL,
    market VARCHAR NOT NULL,
    step INTEGER NOT NULL,
    week DATE NOT NULL,
    mean DOUBLE,
    sd DOUBLE,
    cumulative_mean DOUBLE,
    cumulative_sd DOUBLE,
    "group" VARCHAR,
    season_strength DOUBLE,
    member VARCHAR
);

CREATE VIEW standing AS SELECT import_id FROM imports WHERE undone_at IS NULL;

-- The lines that stand: of each order line (shop, order_id, sku), and of each cell (shop, market,
-- sku, grain, date) without an order, those of the newest import that holds it. Equal lines of one
-- import are all kept. Only keys that several imports hold are looked at twice.
CREATE VIEW standing_sales AS
WITH lines AS (
    SELECT
        import_id, row_no, shop, order_id, market, sku_key, date, grain, status, quantity,
        unit_price, currency
    FROM sales_lines SEMI JOIN standing USING (import_id)
),

orders AS (
    SELECT shop, order_id, sku_key, max(import_id) AS newest
    FROM lines
    WHERE order_id IS NOT NULL
    GROUP BY shop, order_id, sku_key
    HAVING min(import_id) <> max(import_id)
),

cells AS (
    SELECT shop, market, sku_key, grain, date, max(import_id) AS newest
    FROM lines
    WHERE order_id IS NULL
    GROUP BY shop, market, sku_key, grain, date
    HAVING min(import_id) <> max(import_id)
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
FROM lines
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
WHERE lines.import_id = coalesce(orders.newest, cells.newest, lines.import_id);

-- A product's newest stated value per column: a list of costs does not erase the names.
CREATE VIEW products AS
SELECT
    sku_key,
    market,
    arg_max(name, seen) AS name,
    arg_max(category, seen) AS category,
    arg_max(supplier, seen) AS supplier,
    arg_max(unit_cost, seen) AS unit_cost,
    arg_max(price, seen) AS price,
    arg_max(currency, seen) AS currency,
    arg_max(moq, seen) AS moq,
    arg_max(carton_quantity, seen) AS carton_quantity,
    arg_max(carton_volume_m3, seen) AS carton_volume_m3,
    arg_max(carton_weight_kg, seen) AS carton_weight_kg,
    arg_max(launched_on, seen) AS launched_on,
    arg_max(storage_fee, seen) AS storage_fee,
    arg_max(salvage_value, seen) AS salvage_value,
    arg_max(tier, seen) AS tier,
    arg_max(predecessor_key, seen) AS predecessor_key
FROM (
    SELECT *, import_id * 4294967296 + row_no AS seen
    FROM products_lines SEMI JOIN standing USING (import_id)
)
GROUP BY sku_key, market;

-- The newest import that holds a key replaces all that older ones said of it; rows of one sheet
-- that share a key are parts of one whole (bins of a warehouse, receipts of an order line).
CREATE VIEW stock AS
SELECT * FROM stock_lines SEMI JOIN standing USING (import_id)
QUALIFY import_id = max(import_id) OVER (PARTITION BY date, market, warehouse, sku_key);

CREATE VIEW purchase_orders AS
SELECT * FROM purchase_orders_lines SEMI JOIN standing USING (import_id)
QUALIFY import_id = max(import_id) OVER (PARTITION BY
    order_id,
    sku_key,
    CASE WHEN order_id IS NOT NULL THEN market END,
    CASE WHEN order_id IS NULL THEN supplier END,
    CASE WHEN order_id IS NULL THEN ordered_on END
);

CREATE VIEW events AS
SELECT * FROM events_lines SEMI JOIN standing USING (import_id)
QUALIFY import_id = max(import_id) OVER (PARTITION BY name, starts_on, market);

CREATE VIEW rates AS
SELECT * FROM rates_lines SEMI JOIN standing USING (import_id)
QUALIFY 1 = row_number() OVER (
    PARTITION BY currency, date ORDER BY import_id DESC, row_no DESC
);

CREATE VIEW routes AS
SELECT * FROM routes_lines SEMI JOIN standing USING (import_id)
QUALIFY 1 = row_number() OVER (PARTITION BY market, route ORDER BY import_id DESC, row_no DESC);

-- Key and value of every line of the small tables, to tell new from updated from identical.
CREATE VIEW keyed_lines AS
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
FROM routes_lines;

-- Sales by item: aliases, bundles and pooled markets applied. A bundle counts as its parts, and its
-- price is nobody's price.
CREATE VIEW item_sales AS
SELECT
    sales.import_id,
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

-- Where goods without a market belong: to the seller's only, unnamed market if there is no other,
-- else to nobody (a central store).
CREATE VIEW unplaced AS
SELECT CASE WHEN bool_and(market = 'unspecified') THEN 'unspecified' END AS market FROM sales;
