-- Forgets a run, if there is one of that name.
-- Grain: one row at most.
-- Parameters: $run.
DELETE FROM forecast_runs WHERE run = $run
