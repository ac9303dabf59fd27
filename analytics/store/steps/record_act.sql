-- Notes what was done to an import.
-- Grain: one row.
-- Parameters: $import_id, $act, $who.
INSERT INTO acts VALUES ($import_id, $act, $who, now())
