-- Lets go of the lines of sales that stand: they are in a lake.
-- Grain: none.
-- Parameters: none.
TRUNCATE sales
