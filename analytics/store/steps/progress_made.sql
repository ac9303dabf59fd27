-- How far the history goes: it only ever grows.
-- Grain: one row.
-- Parameters: none.
SELECT
    (SELECT value FROM meta WHERE name = 'version') AS version,
    (SELECT count(*) FROM imports) AS imports,
    (SELECT count(*) FROM acts) AS acts
