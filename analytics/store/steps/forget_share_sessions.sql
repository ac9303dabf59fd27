-- Forgets browsers whose cookies have ended, or whose link was closed.
-- Grain: one row per browser.
-- Parameters: $now.
DELETE FROM share_sessions
WHERE expires_at <= $now
OR share_id IN (SELECT shares.share_id FROM shares WHERE shares.revoked_at IS NOT NULL)
