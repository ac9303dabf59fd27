-- Countries that share their stock with others, and the market that they form; a country that is
-- its own market was taken back.
-- Grain: one row per country.
-- Parameters: none.
SELECT country, market FROM stated_markets WHERE country <> market ORDER BY country
