-- Withdraws a judgement.
-- Grain: one row at most: the judgement, if it stood.
-- Parameters: $judgement_id, $who.
UPDATE judgements
SET withdrawn_at = now(), withdrawn_by = $who
WHERE judgement_id = $judgement_id AND withdrawn_at IS NULL
RETURNING judgement_id
