-- Says which forecasts a run consists of.
-- Grain: one row per item.
-- Parameters: $run.
INSERT INTO forecast_places SELECT $run, place, key FROM incoming
