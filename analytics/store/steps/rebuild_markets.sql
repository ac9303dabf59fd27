-- Which countries are pooled.
-- Grain: one row per country.
-- Parameters: none.
CREATE OR REPLACE TABLE market_map AS SELECT country, market FROM stated_markets
