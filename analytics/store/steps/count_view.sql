-- Counts that a link was opened.
-- Grain: one row.
-- Parameters: $share_id, $now.
UPDATE shares SET views = views + 1, last_viewed_at = $now WHERE share_id = $share_id
