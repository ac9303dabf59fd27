-- Forgets what a person chose for files of one shape.
-- Grain: one row at most.
-- Parameters: $fingerprint.
DELETE FROM mappings WHERE fingerprint = $fingerprint
