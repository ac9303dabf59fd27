-- Notes what somebody judged; numbers are never used twice.
-- Grain: one row.
-- Parameters: $kind, $scope, $body, $reason, $who.
INSERT INTO judgements
SELECT
    coalesce(max(judgement_id), 0) + 1, $kind, $scope, $body, $reason, $who, now(), NULL, NULL
FROM judgements
RETURNING judgement_id
