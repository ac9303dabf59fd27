-- Appends the lines of one sheet.
-- Grain: one row per line of the sheet.
-- Parameters: $import_id.
INSERT INTO bundles_lines BY NAME
SELECT $import_id AS import_id, *
FROM incoming
