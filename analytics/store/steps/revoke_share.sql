-- Closes a link for good, and answers its number.
-- Grain: one row, or none.
-- Parameters: $share_id, $who, $now.
UPDATE shares SET revoked_at = $now, revoked_by = $who
WHERE share_id = $share_id AND revoked_at IS NULL
RETURNING share_id
