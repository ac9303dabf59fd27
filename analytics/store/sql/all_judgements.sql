-- All that was ever judged by people, the newest first. Times are UTC.
-- Grain: one row per judgement.
-- Parameters: none.
SELECT
    judgement_id, kind, scope, body, reason, who, made_at::TIMESTAMP AS made_at,
    withdrawn_at::TIMESTAMP AS withdrawn_at, withdrawn_by
FROM judgements
ORDER BY judgement_id DESC
