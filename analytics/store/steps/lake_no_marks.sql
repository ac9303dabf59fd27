-- Says that nothing was taken back across the lake's end.
-- Grain: none.
-- Parameters: none.
CREATE OR REPLACE TABLE lake.marks (import_id INTEGER, row_no INTEGER, reversed BOOLEAN)
