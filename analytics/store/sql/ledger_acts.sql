-- What became of lines of the ledger, the newest first; also what was undone. Times are UTC.
-- Grain: one row per act.
-- Parameters: none.
SELECT
    act_id, line_id, act, quantity, acted_on, reason, note, who,
    acted_at::TIMESTAMP AS acted_at, undone_at::TIMESTAMP AS undone_at, undone_by
FROM ledger_acts
ORDER BY act_id DESC
