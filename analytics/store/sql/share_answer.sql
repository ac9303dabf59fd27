-- What a frozen link shows, and its SHA-256.
-- Grain: one row, or none.
-- Parameters: $share_id.
SELECT answer, sha256 FROM share_answers WHERE share_id = $share_id
