-- Cells to which this sheet would add exactly what one import gave them before.
-- Grain: one row per key of such a cell.
-- Parameters: $adds.
CREATE OR REPLACE TEMP TABLE copied_cells AS
WITH fresh AS (
    SELECT key, list_sort(list(value)) AS content
    FROM fresh_sales
    SEMI JOIN held_sales USING (key)
    WHERE $adds AND fresh_sales.is_cell
    GROUP BY key
),

held AS (
    SELECT key, import_id, list_sort(list(value)) AS content
    FROM held_sales
    WHERE $adds AND is_cell
    GROUP BY key, import_id
)

SELECT DISTINCT fresh.key
FROM fresh
INNER JOIN held ON held.key = fresh.key AND held.content = fresh.content
