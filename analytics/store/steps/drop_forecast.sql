-- Forgets an earlier answer to the same question.
-- Grain: one row per (sku, market, step) of the forecast.
-- Parameters: $key.
DELETE FROM forecasts WHERE key = $key
