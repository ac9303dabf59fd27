-- Forgets forecasts that no run holds any more.
-- Grain: one row per forecast that goes.
-- Parameters: none.
DELETE FROM forecasts WHERE key NOT IN (SELECT key FROM forecast_places)
