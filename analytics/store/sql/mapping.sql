-- What was chosen for files of one shape.
-- Grain: one row at most.
-- Parameters: $fingerprint.
SELECT choice FROM mappings WHERE fingerprint = $fingerprint
