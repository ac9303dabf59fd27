-- How many lines of sales stand, and how many there are.
-- Grain: one row.
-- Parameters: none.
SELECT (SELECT count(*) FROM sales) AS stand, (SELECT count(*) FROM sales_lines) AS every
