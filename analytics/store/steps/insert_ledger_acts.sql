-- Notes what became of lines: a decision that stands can be taken back, one that waits for units can
-- be shipped, received or closed.
-- Grain: one row per act; lines that do not allow it are left out.
-- Parameters: $act, $acted_on, $reason, $note, $who.
INSERT INTO ledger_acts
SELECT
    (SELECT coalesce(max(act_id), 0) FROM ledger_acts) + row_number() OVER (ORDER BY incoming.place),
    ledger.line_id, $act, incoming.quantity, $acted_on, $reason, $note, $who, now(), NULL, NULL
FROM incoming
INNER JOIN ledger ON ledger.line_id = incoming.line_id
WHERE CASE WHEN $act = 'take_back' THEN NOT ledger.is_taken_back ELSE ledger.status = 'open' END
RETURNING act_id, line_id
