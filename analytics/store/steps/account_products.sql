-- Tells the lines of one sheet of products apart: an empty cell states nothing, so a line that
-- agrees with all that was known is identical.
-- Grain: one row.
-- Parameters: $import_id.
WITH fresh AS (
    SELECT * FROM products_lines WHERE import_id = $import_id
),

-- What was known before, one row per (sku_key, market).
known AS (
    SELECT sku_key, market, max(import_id) AS import_id, {
        name: arg_max(name, seen),
        category: arg_max(category, seen),
        supplier: arg_max(supplier, seen),
        unit_cost: arg_max(unit_cost, seen),
        price: arg_max(price, seen),
        currency: arg_max(currency, seen),
        moq: arg_max(moq, seen),
        carton_quantity: arg_max(carton_quantity, seen),
        carton_volume_m3: arg_max(carton_volume_m3, seen),
        carton_weight_kg: arg_max(carton_weight_kg, seen),
        launched_on: arg_max(launched_on, seen),
        storage_fee: arg_max(storage_fee, seen),
        salvage_value: arg_max(salvage_value, seen),
        tier: arg_max(tier, seen),
        predecessor_key: arg_max(predecessor_key, seen)
    } AS value
    FROM (
        SELECT *, import_id * 4294967296 + row_no AS seen
        FROM products_lines SEMI JOIN standing USING (import_id)
        WHERE import_id < $import_id
    )
    GROUP BY sku_key, market
),

compared AS (
    SELECT
        known.sku_key IS NOT NULL AS is_known,
        known.value IS NOT DISTINCT FROM {
            name: coalesce(fresh.name, known.value.name),
            category: coalesce(fresh.category, known.value.category),
            supplier: coalesce(fresh.supplier, known.value.supplier),
            unit_cost: coalesce(fresh.unit_cost, known.value.unit_cost),
            price: coalesce(fresh.price, known.value.price),
            currency: coalesce(fresh.currency, known.value.currency),
            moq: coalesce(fresh.moq, known.value.moq),
            carton_quantity: coalesce(fresh.carton_quantity, known.value.carton_quantity),
            carton_volume_m3: coalesce(fresh.carton_volume_m3, known.value.carton_volume_m3),
            carton_weight_kg: coalesce(fresh.carton_weight_kg, known.value.carton_weight_kg),
            launched_on: coalesce(fresh.launched_on, known.value.launched_on),
            storage_fee: coalesce(fresh.storage_fee, known.value.storage_fee),
            salvage_value: coalesce(fresh.salvage_value, known.value.salvage_value),
            tier: coalesce(fresh.tier, known.value.tier),
            predecessor_key: coalesce(fresh.predecessor_key, known.value.predecessor_key)
        } AS is_same
    FROM fresh
    LEFT JOIN known
        ON known.sku_key = fresh.sku_key AND known.market IS NOT DISTINCT FROM fresh.market
)

SELECT
    count(*) FILTER (NOT is_known) AS rows_new,
    count(*) FILTER (is_known AND NOT is_same) AS rows_updated,
    count(*) FILTER (is_known AND is_same) AS rows_identical
FROM compared
