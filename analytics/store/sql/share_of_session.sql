-- The link that a browser came by, if any; "until" is when its cookie ends. Times are UTC.
-- Grain: one row, or none.
-- Parameters: $session_hash.
SELECT share_id, expires_at::TIMESTAMP AS until
FROM share_sessions
WHERE session_hash = $session_hash
