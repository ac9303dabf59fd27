-- Lines of this import that count for less because finer ones tell of their days, and coarser lines
-- of other imports of whose days this import tells.
-- Grain: one row.
-- Parameters: $import_id.
SELECT
    count(DISTINCT row_no) FILTER (import_id = $import_id) AS finer_stands,
    count(DISTINCT (import_id, row_no)) FILTER (import_id <> $import_id AND by_import = $import_id)
        AS replaces_coarser
FROM told_finer
