-- Appends the lines of one sheet. A market that is not named is none.
-- Grain: one row per line of the sheet.
-- Parameters: $import_id.
INSERT INTO events_lines BY NAME
SELECT $import_id AS import_id, * REPLACE (nullif(nullif(market, ''), 'unspecified') AS market)
FROM incoming
