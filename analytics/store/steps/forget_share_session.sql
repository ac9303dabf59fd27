-- Forgets a browser that came by a link.
-- Grain: one row, or none.
-- Parameters: $session_hash.
DELETE FROM share_sessions WHERE session_hash = $session_hash
