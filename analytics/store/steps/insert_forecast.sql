-- Keeps a forecast.
-- Grain: one row per (sku, market, step).
-- Parameters: $key.
INSERT INTO forecasts BY NAME SELECT $key AS key, now() AS saved_at, * FROM incoming
