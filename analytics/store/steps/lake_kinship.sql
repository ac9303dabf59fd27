-- Which data a workspace holds, and whether it holds any.
-- Grain: one row.
-- Parameters: none.
SELECT
    (SELECT value FROM meta WHERE name = 'version') AS version,
    (SELECT count(*) FROM imports)
    + (SELECT count(*) FROM judgements)
    + (SELECT count(*) FROM ledger_lines)
    + (SELECT count(*) FROM scenarios)
    + (SELECT count(*) FROM alert_acts) AS things
