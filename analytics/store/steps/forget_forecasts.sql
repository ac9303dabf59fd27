-- Forgets all forecasts but the newest.
-- Grain: one row per (sku, market, step) of the forecasts that go.
-- Parameters: $keep.
DELETE FROM forecasts
WHERE key NOT IN (
    SELECT key FROM forecasts GROUP BY key ORDER BY max(saved_at) DESC, key LIMIT $keep
)
