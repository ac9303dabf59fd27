-- Marks the sales that were taken back.
-- Grain: one row per reversed sale.
-- Parameters: none.
UPDATE sales
SET reversed = TRUE
FROM incoming
WHERE sales.import_id = incoming.import_id AND sales.row_no = incoming.row_no
