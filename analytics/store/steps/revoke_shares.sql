-- Closes all links for good.
-- Grain: one row per link that was open.
-- Parameters: none.
UPDATE shares SET revoked_at = now(), revoked_by = '' WHERE revoked_at IS NULL
