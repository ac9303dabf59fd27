-- Opens the record of an import; the account is filled in when it is known.
-- Grain: one row.
-- Parameters: $import_id, $file, $sheet, $sha256, $kind, $family, $shop, $mapping, $who, $rows_read, $rows_ignored, $adds.
INSERT INTO imports BY NAME
SELECT
    $import_id AS import_id, $file AS file, $sheet AS sheet, $sha256 AS sha256, $kind AS kind,
    $family AS family, $shop AS shop, $mapping AS mapping, $who AS who, now() AS imported_at,
    $rows_read AS rows_read, 0 AS rows_new, 0 AS rows_updated, 0 AS rows_identical,
    0 AS rows_rejected, $rows_ignored AS rows_ignored,
    $adds AS adds
