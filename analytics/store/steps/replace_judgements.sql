-- Withdraws what was judged of the same things before.
-- Grain: one row per judgement that no longer stands.
-- Parameters: $kind, $who.
UPDATE judgements
SET withdrawn_at = now(), withdrawn_by = $who
WHERE kind = $kind AND scope IN (SELECT scope FROM incoming) AND withdrawn_at IS NULL
