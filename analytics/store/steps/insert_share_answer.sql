-- Keeps what a frozen link shows.
-- Grain: one row.
-- Parameters: $share_id, $answer, $sha256.
INSERT INTO share_answers VALUES ($share_id, $answer, $sha256)
