-- Undoes what was noted of a line.
-- Grain: one row at most: the act, if it stood.
-- Parameters: $act_id, $who.
UPDATE ledger_acts
SET undone_at = now(), undone_by = $who
WHERE act_id = $act_id AND undone_at IS NULL
RETURNING act_id
