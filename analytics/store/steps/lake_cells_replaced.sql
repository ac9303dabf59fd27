-- The folders that lines which do not stand go to.
-- Grain: one row per (market, year).
-- Parameters: none.
SELECT DISTINCT lines.market, year(lines.date)::INTEGER AS year
FROM sales_lines AS lines ANTI JOIN sales USING (import_id, row_no)
ORDER BY lines.market, year
