-- Keeps what a run taught all items together.
-- Grain: one row.
-- Parameters: $run, $background.
INSERT INTO forecast_runs VALUES ($run, now(), $background)
