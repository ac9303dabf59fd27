-- Remembers what a person chose for files of one shape.
-- Grain: one row.
-- Parameters: $fingerprint, $choice.
INSERT OR REPLACE INTO mappings VALUES ($fingerprint, $choice, now())
