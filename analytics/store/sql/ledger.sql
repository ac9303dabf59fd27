-- What was decided of suggested orders, and what became of it, the newest first. Times are UTC.
-- Grain: one row per decision.
-- Parameters: none.
SELECT
    ledger.line_id,
    ledger.order_id,
    ledger.status,
    coalesce(skus.sku, ledger.sku) AS sku,
    ledger.market,
    ledger.name,
    ledger.supplier,
    ledger.route,
    ledger.quantity,
    ledger.suggested_quantity,
    ledger.received,
    ledger.open_quantity,
    ledger.is_imported,
    ledger.order_by,
    ledger.decided_on,
    ledger.expected_on,
    ledger.shipped_on,
    ledger.received_on,
    ledger.closed_on,
    ledger.close_reason,
    ledger.unit_cost,
    ledger.currency,
    ledger.carton_quantity,
    ledger.carton_volume_m3,
    ledger.carton_weight_kg,
    ledger.reason,
    ledger.note,
    ledger.who,
    ledger.decided_at::TIMESTAMP AS decided_at
FROM ledger
LEFT JOIN skus ON skus.sku_key = ledger.sku_key
ORDER BY ledger.line_id DESC
