-- Settles what stands.
-- Grain: one row per line that stands.
-- Parameters: none.
CREATE OR REPLACE TABLE sales AS SELECT *, FALSE AS reversed FROM standing_sales
