-- A stored forecast.
-- Grain: one row per (sku, market, step).
-- Parameters: $key.
SELECT * EXCLUDE (key, saved_at)
FROM forecasts
WHERE key = $key
ORDER BY sku, market, step
