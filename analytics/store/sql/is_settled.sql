-- Whether the sales that everything reads are those that the imports give.
-- Grain: one row.
-- Parameters: none.
SELECT
    (SELECT count(*) FROM sales) = (SELECT count(*) FROM standing_sales)
    AND NOT EXISTS (
        SELECT * EXCLUDE (reversed) FROM sales
        EXCEPT ALL
        SELECT * FROM standing_sales
    ) AS is_settled
