-- What a run of forecasts taught all items together.
-- Grain: one row at most.
-- Parameters: $run.
SELECT background FROM forecast_runs WHERE run = $run
