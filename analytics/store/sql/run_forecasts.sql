-- The forecasts of a run, in its items' order.
-- Grain: one row per item.
-- Parameters: $run.
SELECT forecasts.*
FROM forecast_places AS places
INNER JOIN forecasts USING (key)
WHERE places.run = $run
ORDER BY places.place
