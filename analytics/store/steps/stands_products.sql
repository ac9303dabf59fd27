-- Whether all that a sheet of products stated is what is known of them now.
-- Grain: one row.
-- Parameters: $import_id.
WITH said AS (
    SELECT
        sku_key,
        market,
        arg_max(name, row_no) AS name,
        arg_max(category, row_no) AS category,
        arg_max(supplier, row_no) AS supplier,
        arg_max(unit_cost, row_no) AS unit_cost,
        arg_max(price, row_no) AS price,
        arg_max(currency, row_no) AS currency,
        arg_max(moq, row_no) AS moq,
        arg_max(carton_quantity, row_no) AS carton_quantity,
        arg_max(carton_volume_m3, row_no) AS carton_volume_m3,
        arg_max(carton_weight_kg, row_no) AS carton_weight_kg,
        arg_max(launched_on, row_no) AS launched_on,
        arg_max(storage_fee, row_no) AS storage_fee,
        arg_max(salvage_value, row_no) AS salvage_value,
        arg_max(tier, row_no) AS tier,
        arg_max(predecessor_key, row_no) AS predecessor_key
    FROM products_lines
    WHERE import_id = $import_id
    GROUP BY sku_key, market
)

SELECT NOT EXISTS (
    SELECT said.sku_key
    FROM said
    INNER JOIN products AS known
        ON known.sku_key = said.sku_key AND known.market IS NOT DISTINCT FROM said.market
    WHERE known.name <> said.name
        OR known.category <> said.category
        OR known.supplier <> said.supplier
        OR known.unit_cost <> said.unit_cost
        OR known.price <> said.price
        OR known.currency <> said.currency
        OR known.moq <> said.moq
        OR known.carton_quantity <> said.carton_quantity
        OR known.carton_volume_m3 <> said.carton_volume_m3
        OR known.carton_weight_kg <> said.carton_weight_kg
        OR known.launched_on <> said.launched_on
        OR known.storage_fee <> said.storage_fee
        OR known.salvage_value <> said.salvage_value
        OR known.tier <> said.tier
        OR known.predecessor_key <> said.predecessor_key
)
