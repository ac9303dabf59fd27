-- Days for which files tell the sales of a market: inside, a day without a row is a day without a
-- sale; outside, nobody looked. Ranges that touch are one.
-- Grain: one row per (market, unbroken range).
-- Parameters: none.
WITH ranges AS (
    SELECT
        coalesce(market_map.market, covers.market) AS market,
        covers.starts_on,
        covers.ends_on
    FROM covers
    SEMI JOIN standing ON standing.import_id = covers.import_id
    LEFT JOIN market_map ON market_map.country = covers.market
),

marked AS (
    SELECT
        *,
        starts_on > 1 + max(ends_on) OVER (
            PARTITION BY market ORDER BY starts_on, ends_on
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS opens
    FROM ranges
),

islands AS (
    SELECT
        *,
        sum(coalesce(opens, TRUE)::INTEGER) OVER (
            PARTITION BY market ORDER BY starts_on, ends_on ROWS UNBOUNDED PRECEDING
        ) AS island
    FROM marked
)

SELECT market, min(starts_on) AS starts_on, max(ends_on) AS ends_on
FROM islands
GROUP BY market, island
ORDER BY market, starts_on
