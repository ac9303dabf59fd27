-- Links that were made, the newest first; also those that open no more. Times are UTC.
-- Grain: one row per link.
-- Parameters: none.
SELECT
    share_id, kind, name, note, author, query, item, hides_money, is_sample, data_version,
    fingerprint, checksum,
    created_at::TIMESTAMP AS created_at,
    expires_at::TIMESTAMP AS expires_at,
    revoked_at::TIMESTAMP AS revoked_at,
    revoked_by, views,
    last_viewed_at::TIMESTAMP AS last_viewed_at
FROM shares
ORDER BY share_id DESC
