-- Exchange rates that the seller gave.
-- Grain: one row per (currency, date).
-- Parameters: none.
SELECT currency, date, rate
FROM rates
ORDER BY currency, date
