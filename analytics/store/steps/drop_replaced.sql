-- Takes out of what stands the lines that this sheet replaces.
-- Grain: one row per line that goes.
-- Parameters: $adds.
DELETE FROM sales
USING held_sales
WHERE sales.import_id = held_sales.import_id
    AND sales.row_no = held_sales.row_no
    AND NOT ($adds AND held_sales.is_cell)
