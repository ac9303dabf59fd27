-- Copies the lines of the lake back into the workspace's own file.
-- Grain: one row per line of the lake.
-- Parameters: none.
INSERT INTO sales_lines BY NAME
SELECT * EXCLUDE (reversed) FROM lake.lines
UNION ALL BY NAME
SELECT * EXCLUDE (reversed) FROM lake.replaced
