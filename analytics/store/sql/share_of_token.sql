-- The link that a token opens, if any; whether it still does is for the asker to see. Times are UTC.
-- Grain: one row, or none.
-- Parameters: $token_hash.
SELECT share_id, expires_at::TIMESTAMP AS expires_at, revoked_at::TIMESTAMP AS revoked_at
FROM shares
WHERE token_hash = $token_hash
