-- Remembers a browser that came by a link.
-- Grain: one row.
-- Parameters: $session_hash, $share_id, $now, $until.
INSERT INTO share_sessions VALUES ($session_hash, $share_id, $now, $until)
