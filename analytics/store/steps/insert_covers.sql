-- Notes the days that one sheet covers: all of its days, for each shop and market that it holds.
-- Grain: one row per (shop, market) of the sheet.
-- Parameters: $import_id, $covers_from, $covers_to.
INSERT INTO covers
SELECT DISTINCT $import_id, shop, market, $covers_from::DATE, $covers_to::DATE
FROM incoming
WHERE status <> 'not_product'
