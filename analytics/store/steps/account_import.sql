-- Fills in the account of an import.
-- Grain: one row.
-- Parameters: $import_id, $rows_new, $rows_updated, $rows_identical, $rows_rejected, $covers_from, $covers_to.
UPDATE imports
SET
    rows_new = $rows_new,
    rows_updated = $rows_updated,
    rows_identical = $rows_identical,
    rows_rejected = $rows_rejected,
    covers_from = $covers_from::DATE,
    covers_to = $covers_to::DATE
WHERE import_id = $import_id
