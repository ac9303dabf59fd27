-- Forecasts are kept item by item, under a key of all that each depends on, so that only what
-- changed is made again; what people judge for themselves (overrides, pins, launches, events) is a
-- journal; how lines of sales are told apart is said once.

-- What a line of sales replaces: the order line (shop, order_id, sku) or, without an order, the cell
-- (shop, market, sku, grain, date).
CREATE MACRO sale_key(shop, sku_key, order_id, market, grain, date) AS hash(
    shop, sku_key, order_id,
    CASE WHEN order_id IS NULL THEN market END,
    CASE WHEN order_id IS NULL THEN grain END,
    CASE WHEN order_id IS NULL THEN date END
);

-- What a line of sales says.
CREATE MACRO sale_value(
    market, grain, date, status, line_id, channel, name, customer, quantity, unit_price, currency,
    discount
) AS hash(
    market, grain, date, status, line_id, channel, name, customer, quantity, unit_price, currency,
    discount
);

DROP TABLE forecasts;

-- One answer for the whole catalogue: what all items taught together.
CREATE TABLE forecast_runs (
    run VARCHAR NOT NULL,
    saved_at TIMESTAMPTZ NOT NULL,
    background BLOB NOT NULL
);

-- Which forecasts a run consists of, in its items' order.
CREATE TABLE forecast_places (run VARCHAR NOT NULL, place INTEGER NOT NULL, key VARCHAR NOT NULL);

-- A forecast; items alike in all that it depends on share one. A list has one figure per week.
CREATE TABLE forecasts (
    key VARCHAR NOT NULL,
    "group" VARCHAR NOT NULL,
    season_strength DOUBLE NOT NULL,
    member VARCHAR NOT NULL,
    weights DOUBLE [] NOT NULL,
    mean DOUBLE [] NOT NULL,
    sd DOUBLE [] NOT NULL,
    cumulative_mean DOUBLE [] NOT NULL,
    cumulative_sd DOUBLE [] NOT NULL
);

-- What somebody judged better than the numbers, or decided where there are none; kept when it is
-- withdrawn. "scope" and "body" are JSON.
CREATE TABLE judgements (
    judgement_id INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    scope VARCHAR NOT NULL,
    body VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    who VARCHAR NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    withdrawn_at TIMESTAMPTZ,
    withdrawn_by VARCHAR
);
