-- The folders that lines of sales which stand go to.
-- Grain: one row per (market, year).
-- Parameters: none.
SELECT DISTINCT market, year(date)::INTEGER AS year FROM sales ORDER BY market, year
