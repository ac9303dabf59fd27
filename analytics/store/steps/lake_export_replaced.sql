-- The lines of a market and a year that do not stand.
-- Grain: one row per line.
-- Parameters: $market, $year.
SELECT lines.*, FALSE AS reversed
FROM sales_lines AS lines ANTI JOIN sales USING (import_id, row_no)
WHERE lines.market = $market
    AND lines.date BETWEEN make_date($year, 1, 1) AND make_date($year, 12, 31)
ORDER BY lines.date, lines.sku_key, lines.import_id, lines.row_no
