-- Notes the days that one sheet tells of, by grain: all from its first to its last.
-- Grain: one row per grain of the sheet.
-- Parameters: $import_id.
INSERT INTO grains
SELECT
    $import_id,
    grain,
    min(CASE grain WHEN 'month' THEN date_trunc('month', date)::DATE ELSE date END),
    max(CASE grain WHEN 'month' THEN last_day(date) WHEN 'week' THEN date + 6 ELSE date END)
FROM fresh_sales
WHERE NOT is_no_product
GROUP BY grain
ORDER BY grain
