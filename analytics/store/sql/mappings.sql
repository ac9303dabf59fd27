-- What was chosen for files of each shape, the latest choice first. Times are UTC.
-- Grain: one row per fingerprint of a header.
-- Parameters: none.
SELECT fingerprint, choice, chosen_at::TIMESTAMP AS chosen_at
FROM mappings
ORDER BY mappings.chosen_at DESC, fingerprint
