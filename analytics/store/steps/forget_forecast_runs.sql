-- Forgets all runs but the newest.
-- Grain: one row per run that goes.
-- Parameters: $keep.
DELETE FROM forecast_runs
WHERE run NOT IN (SELECT run FROM forecast_runs ORDER BY saved_at DESC, run LIMIT $keep)
