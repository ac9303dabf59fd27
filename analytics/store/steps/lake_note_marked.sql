-- Notes for which data the marks across the lake's end were made.
-- Grain: one row.
-- Parameters: $version.
CREATE OR REPLACE TABLE lake.marked AS
SELECT $version AS version, (SELECT count(*) FROM lake.marks) > 0 AS has_marks
