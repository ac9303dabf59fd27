-- Forgets what runs consisted of that are gone.
-- Grain: one row per item of those runs.
-- Parameters: none.
DELETE FROM forecast_places WHERE run NOT IN (SELECT run FROM forecast_runs)
