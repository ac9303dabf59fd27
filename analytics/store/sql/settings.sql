-- What the seller decided.
-- Grain: one row per setting.
-- Parameters: none.
SELECT name, value FROM settings ORDER BY name
