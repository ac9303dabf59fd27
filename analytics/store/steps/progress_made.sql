-- How far the history goes, undos and decisions of people included: it only ever grows.
-- Grain: one row.
-- Parameters: none.
SELECT
    (SELECT value FROM meta WHERE name = 'version') AS version,
    (SELECT count(*) FROM imports) AS imports,
    (SELECT count(*) FROM acts)
    + (SELECT count(*) + count(withdrawn_at) FROM judgements)
    + (SELECT count(*) FROM ledger_lines)
    + (SELECT count(*) + count(undone_at) FROM ledger_acts) AS acts
