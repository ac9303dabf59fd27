-- Lets go of all lines of sales: they are in a lake.
-- Grain: none.
-- Parameters: none.
TRUNCATE sales_lines
