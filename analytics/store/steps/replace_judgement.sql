-- Withdraws what was judged of the same thing before.
-- Grain: one row per judgement that no longer stands.
-- Parameters: $kind, $scope, $who.
UPDATE judgements
SET withdrawn_at = now(), withdrawn_by = $who
WHERE kind = $kind AND scope = $scope AND withdrawn_at IS NULL
