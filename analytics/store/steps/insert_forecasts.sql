-- Keeps forecasts that are not kept yet.
-- Grain: one row per key.
-- Parameters: none.
INSERT INTO forecasts BY NAME SELECT * FROM incoming ANTI JOIN forecasts USING (key)
