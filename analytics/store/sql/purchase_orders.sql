-- Orders with suppliers, and what of each is still to come: those of the seller's files, and those of
-- the ledger that no file tells of. An imported line that was closed by hand is open no more. An
-- order that names no market is for the one it was accepted for, else for the only one in which its
-- SKU sells, or in which anything does; else for nobody's.
-- Grain: one row per (order_id, sku, market, receipt).
-- Parameters: none.
WITH homes AS (
    SELECT sku_key, min(market) AS market
    FROM item_sales
    WHERE status <> 'not_product'
    GROUP BY sku_key
    HAVING min(market) = max(market)
),

only_market AS (
    SELECT CASE WHEN min(market) = max(market) THEN min(market) END AS market
    FROM item_sales
    WHERE status <> 'not_product'
),

accepted AS (
    SELECT * FROM ledger WHERE order_id IS NOT NULL AND NOT is_taken_back
),

-- Two SKUs of one order may have become one since.
known AS (
    SELECT
        order_key(order_id) AS order_key, sku_key,
        any_value(market) AS market, bool_and(is_closed) AS is_closed
    FROM accepted
    GROUP BY order_key, accepted.sku_key
),

imported AS (
    SELECT
        imported_orders.* REPLACE (
            coalesce(
                market_map.market, imported_orders.market, known.market, homes.market,
                (SELECT market FROM only_market)
            ) AS market,
            CASE WHEN known.is_closed THEN 0 ELSE imported_orders.open_quantity END
                AS open_quantity
        )
    FROM imported_orders
    LEFT JOIN market_map ON market_map.country = imported_orders.market
    LEFT JOIN homes ON homes.sku_key = imported_orders.sku_key
    LEFT JOIN known
        ON known.order_key = order_key(imported_orders.order_id)
        AND known.sku_key = imported_orders.sku_key
),

-- What came of an accepted line, receipt by receipt, and what is left of it.
parts AS (
    SELECT
        accepted.line_id, ledger_acts.act_id, ledger_acts.quantity,
        ledger_acts.quantity AS quantity_received, 0 AS open_quantity,
        ledger_acts.acted_on AS received_on
    FROM accepted
    INNER JOIN ledger_acts ON ledger_acts.line_id = accepted.line_id
    WHERE NOT accepted.is_imported
        AND ledger_acts.act = 'receive'
        AND ledger_acts.undone_at IS NULL
    UNION ALL
    SELECT line_id, NULL, open_quantity, 0, open_quantity, NULL
    FROM accepted
    WHERE NOT is_imported AND open_quantity > 0
),

listed AS (
    SELECT
        order_id, sku_key, sku, market, supplier, route, quantity, quantity_received, open_quantity,
        ordered_on, ready_on, shipped_on, arrived_on, cleared_on, received_on, expected_on,
        unit_cost, currency, import_id, row_no, 0 AS part
    FROM imported
    UNION ALL
    SELECT
        accepted.order_id, accepted.sku_key, accepted.sku, accepted.market, accepted.supplier,
        accepted.route, parts.quantity, parts.quantity_received, parts.open_quantity,
        accepted.decided_on, NULL, accepted.shipped_on, NULL, NULL, parts.received_on,
        accepted.expected_on, accepted.unit_cost, accepted.currency, NULL, accepted.line_id,
        parts.act_id
    FROM parts
    INNER JOIN accepted ON accepted.line_id = parts.line_id
)

SELECT
    listed.order_id,
    coalesce(skus.sku, listed.sku) AS sku,
    listed.market,
    listed.supplier,
    listed.route,
    listed.quantity,
    listed.quantity_received,
    listed.open_quantity,
    listed.ordered_on,
    listed.ready_on,
    listed.shipped_on,
    listed.arrived_on,
    listed.cleared_on,
    listed.received_on,
    listed.expected_on,
    listed.unit_cost,
    listed.currency
FROM listed
LEFT JOIN skus ON skus.sku_key = listed.sku_key
ORDER BY listed.ordered_on, listed.import_id NULLS LAST, listed.row_no, listed.part NULLS LAST
