-- How many lines of sales stand.
-- Grain: one row.
-- Parameters: none.
SELECT count(*) AS lines FROM sales
