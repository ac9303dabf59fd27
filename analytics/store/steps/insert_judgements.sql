-- Notes what somebody judged; numbers are never used twice.
-- Grain: one row per judgement.
-- Parameters: $kind, $reason, $who.
INSERT INTO judgements
SELECT
    (SELECT coalesce(max(judgement_id), 0) FROM judgements) + row_number() OVER (ORDER BY place),
    $kind, scope, body, $reason, $who, now(), NULL, NULL
FROM incoming
RETURNING judgement_id
