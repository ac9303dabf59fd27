-- Keeps, in memory, where what was taken back is not what lake and workspace say each by itself: a
-- return since may belong to a sale in the lake, and a replaced return gives its sale free.
-- Grain: one row per sale whose mark differs.
-- Parameters: none.
CREATE OR REPLACE TABLE lake.marks AS
SELECT import_id, row_no, TRUE AS reversed
FROM incoming ANTI JOIN (SELECT import_id, row_no FROM sales WHERE reversed) USING (import_id, row_no)
UNION ALL
SELECT import_id, row_no, FALSE AS reversed
FROM sales ANTI JOIN incoming USING (import_id, row_no)
WHERE sales.reversed
