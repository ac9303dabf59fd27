-- The lines of a market and a year that stand, with all that is known of them, by day.
-- Grain: one row per line.
-- Parameters: $market, $year.
SELECT lines.*, stands.reversed
FROM sales_lines AS lines
INNER JOIN sales AS stands
    ON stands.import_id = lines.import_id
    AND stands.row_no = lines.row_no
WHERE lines.market = $market
    AND stands.market = $market
    AND lines.date BETWEEN make_date($year, 1, 1) AND make_date($year, 12, 31)
    AND stands.date BETWEEN make_date($year, 1, 1) AND make_date($year, 12, 31)
ORDER BY lines.date, lines.sku_key, lines.import_id, lines.row_no
