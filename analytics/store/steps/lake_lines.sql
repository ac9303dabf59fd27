-- Lets the lines of a lake be read where they lie; the list of files is put in place of 'files'.
-- Grain: one row per line of sales that stood when the lake was written.
-- Parameters: none.
CREATE VIEW lake.lines AS SELECT * FROM read_parquet(['files'], hive_partitioning = FALSE)
