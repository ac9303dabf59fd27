-- The forecasts kept under some keys.
-- Grain: one row per key that is known.
-- Parameters: $keys.
SELECT * FROM forecasts WHERE list_contains($keys, key) ORDER BY key
