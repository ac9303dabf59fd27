-- For which data the marks across the lake's end were made, and whether there are any.
-- Grain: one row at most.
-- Parameters: none.
SELECT version, has_marks FROM lake.marked
