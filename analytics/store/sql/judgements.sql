-- What was judged by people and stands, the oldest first. Times are UTC.
-- Grain: one row per judgement.
-- Parameters: $kind.
SELECT judgement_id, scope, body, reason, who, made_at::TIMESTAMP AS made_at
FROM judgements
WHERE kind = $kind AND withdrawn_at IS NULL
ORDER BY judgement_id
