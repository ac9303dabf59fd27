-- Notes decisions on suggested orders.
-- Grain: one row per decision.
-- Parameters: $decided_on, $who.
INSERT INTO ledger_lines BY NAME
SELECT *, $decided_on AS decided_on, $who AS who, now() AS decided_at
FROM incoming
