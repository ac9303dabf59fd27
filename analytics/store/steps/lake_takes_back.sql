-- Whether anything came since the lake was written: then a return may belong to another sale.
-- Grain: one row.
-- Parameters: none; "own" is the workspace's own file.
SELECT count(*) > 0 AS takes_back FROM own.main.sales_lines
