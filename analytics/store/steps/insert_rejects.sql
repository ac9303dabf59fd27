-- Lists the rows of one sheet that could not be used.
-- Grain: one row per rejected row.
-- Parameters: $import_id.
INSERT INTO rejects
SELECT $import_id, "row", "column", value, code, facts FROM refused
