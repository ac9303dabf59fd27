-- All lines, for whoever asks: the workspace's own and the lake's, those that do not stand included.
-- Grain: one row per line.
-- Parameters: none; "own" is the workspace's own file.
CREATE TEMP VIEW sales_lines AS
SELECT * FROM own.main.sales_lines
UNION ALL BY NAME
SELECT * EXCLUDE (reversed) FROM lake.lines
UNION ALL BY NAME
SELECT * EXCLUDE (reversed) FROM lake.replaced
