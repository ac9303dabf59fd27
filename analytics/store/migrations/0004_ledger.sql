-- What was decided of suggested orders is a ledger: its lines count as on order until their units
-- came, they were closed, or the seller's own file tells of them.

-- One decision on one suggestion; a skipped one belongs to no order. What the order says of the
-- item is kept as it was on that day.
CREATE TABLE ledger_lines (
    line_id INTEGER NOT NULL,
    order_id VARCHAR,
    sku VARCHAR NOT NULL,
    sku_key VARCHAR NOT NULL,
    market VARCHAR NOT NULL,
    name VARCHAR,
    supplier VARCHAR,
    route VARCHAR NOT NULL,
    quantity DOUBLE NOT NULL,
    suggested_quantity DOUBLE,
    order_by DATE,
    expected_on DATE,
    unit_cost DOUBLE,
    currency VARCHAR,
    carton_quantity DOUBLE,
    carton_volume_m3 DOUBLE,
    carton_weight_kg DOUBLE,
    decided_on DATE NOT NULL,
    reason VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    who VARCHAR NOT NULL,
    decided_at TIMESTAMPTZ NOT NULL
);

-- What became of a line: ship, receive, close, take_back; kept when it is undone.
CREATE TABLE ledger_acts (
    act_id INTEGER NOT NULL,
    line_id INTEGER NOT NULL,
    act VARCHAR NOT NULL,
    quantity DOUBLE,
    acted_on DATE,
    reason VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    who VARCHAR NOT NULL,
    acted_at TIMESTAMPTZ NOT NULL,
    undone_at TIMESTAMPTZ,
    undone_by VARCHAR
);

-- An order number, however it was typed.
CREATE MACRO order_key(order_id) AS upper(trim(order_id));

-- Stock as it was counted, and until when the count holds: until the warehouse is counted again, or
-- a list of the other kind comes. A list that names no warehouse tells of all of them, until a later
-- one names some. Without a market: a central store. Without a date: counted on the plan's day.
CREATE VIEW counted_stock AS
WITH counted AS (
    SELECT
        coalesce(aliases.sku_key, stock.sku_key) AS sku_key,
        coalesce(market_map.market, stock.market, (SELECT market FROM unplaced)) AS market,
        stock.date,
        stock.warehouse,
        sum(stock.on_hand) AS on_hand,
        coalesce(sum(stock.inbound), 0) AS inbound,
        coalesce(sum(stock.reserved), 0) AS reserved
    FROM stock
    LEFT JOIN aliases ON aliases.alias_key = stock.sku_key
    LEFT JOIN market_map ON market_map.country = stock.market
    GROUP BY ALL
)

SELECT
    *,
    least(
        lead(date) OVER (PARTITION BY sku_key, market, warehouse ORDER BY date),
        min(date) FILTER (warehouse IS NULL) OVER later,
        CASE WHEN warehouse IS NULL THEN min(date) OVER later END
    ) AS until
FROM counted
WHERE date IS NOT NULL
WINDOW later AS (
    PARTITION BY sku_key, market ORDER BY date
    RANGE BETWEEN INTERVAL 1 DAY FOLLOWING AND UNBOUNDED FOLLOWING
)
UNION ALL
SELECT *, NULL AS until FROM counted WHERE date IS NULL;

-- Imported orders, and what of each is still to come. A row is closed when it was received and no
-- quantity stands beside; where every row of a line is a receipt of the same ordered quantity, the
-- remainder stands at the last receipt.
CREATE VIEW imported_orders AS
WITH receipts AS (
    SELECT
        *,
        count(*) OVER line > 1
        AND min(quantity) OVER line = max(quantity) OVER line
        AND count(received_on) OVER line = count(*) OVER line
        AND count(quantity_received) OVER line = count(*) OVER line
        AND sum(quantity_received) OVER line <= max(quantity) OVER line AS repeats_total,
        sum(quantity_received) OVER line AS received_in_all,
        row_number() OVER (line ORDER BY received_on DESC, row_no DESC) AS from_last
    FROM purchase_orders
    WINDOW line AS (
        PARTITION BY order_id, sku_key, market,
        CASE WHEN order_id IS NULL THEN row_no END
    )
)

SELECT
    receipts.import_id, receipts.row_no, receipts.order_id, receipts.sku, receipts.market,
    receipts.supplier, receipts.route, receipts.quantity, receipts.ordered_on,
    receipts.ready_on, receipts.shipped_on, receipts.arrived_on, receipts.cleared_on,
    receipts.received_on, receipts.expected_on, receipts.quantity_received, receipts.unit_cost,
    receipts.currency,
    coalesce(aliases.sku_key, receipts.sku_key) AS sku_key,
    CASE
        WHEN repeats_total AND from_last = 1 THEN quantity - received_in_all
        WHEN repeats_total THEN 0
        WHEN quantity_received IS NULL AND received_on IS NOT NULL THEN 0
        ELSE greatest(quantity - coalesce(quantity_received, 0), 0)
    END AS open_quantity,
    CASE
        WHEN received_on IS NULL THEN coalesce(quantity_received, 0)
        ELSE coalesce(quantity_received, quantity)
    END AS came
FROM receipts
LEFT JOIN aliases ON aliases.alias_key = receipts.sku_key;

-- The ledger as it stands. A line that the seller's own file tells of goes by the file: what came
-- and what is open are the file's word, unless it was closed by hand.
CREATE VIEW ledger AS
WITH done AS (
    SELECT
        line_id,
        bool_or(act = 'take_back') AS is_taken_back,
        bool_or(act = 'close') AS is_closed,
        max(acted_on) FILTER (act = 'ship') AS shipped_on,
        coalesce(sum(quantity) FILTER (act = 'receive'), 0) AS received,
        max(acted_on) FILTER (act = 'receive') AS received_on,
        max(acted_on) FILTER (act = 'close') AS closed_on,
        arg_max(reason, act_id) FILTER (act = 'close') AS close_reason
    FROM ledger_acts
    WHERE undone_at IS NULL
    GROUP BY line_id
),

told AS (
    SELECT
        order_key(order_id) AS order_key, sku_key,
        sum(open_quantity) AS open_quantity,
        sum(came) AS received,
        max(received_on) AS received_on,
        max(shipped_on) AS shipped_on
    FROM imported_orders
    WHERE order_id IS NOT NULL
    GROUP BY order_key, imported_orders.sku_key
),

settled AS (
    SELECT
        ledger_lines.* REPLACE (coalesce(aliases.sku_key, ledger_lines.sku_key) AS sku_key),
        coalesce(market_map.market, ledger_lines.market) AS home,
        coalesce(done.is_taken_back, FALSE) AS is_taken_back,
        coalesce(done.is_closed, FALSE) AS is_closed,
        told.order_key IS NOT NULL AS is_imported,
        coalesce(told.shipped_on, done.shipped_on) AS shipped_on,
        coalesce(told.received, done.received, 0) AS received,
        CASE WHEN told.order_key IS NULL THEN done.received_on ELSE told.received_on END
            AS received_on,
        coalesce(
            told.open_quantity, greatest(ledger_lines.quantity - coalesce(done.received, 0), 0)
        ) AS balance,
        done.closed_on,
        done.close_reason
    FROM ledger_lines
    LEFT JOIN done ON done.line_id = ledger_lines.line_id
    LEFT JOIN aliases ON aliases.alias_key = ledger_lines.sku_key
    LEFT JOIN market_map ON market_map.country = ledger_lines.market
    LEFT JOIN told
        ON told.order_key = order_key(ledger_lines.order_id)
        AND told.sku_key = coalesce(aliases.sku_key, ledger_lines.sku_key)
)

SELECT
    line_id, order_id, sku, sku_key, name, supplier, route, quantity, suggested_quantity,
    order_by, expected_on, unit_cost, currency, carton_quantity, carton_volume_m3,
    carton_weight_kg, decided_on, reason, note, who, decided_at, is_taken_back, is_closed,
    is_imported, shipped_on, received, received_on, closed_on, close_reason,
    home AS market,
    CASE
        WHEN is_taken_back THEN 'taken_back'
        WHEN order_id IS NULL THEN 'skipped'
        WHEN is_closed THEN 'closed'
        WHEN balance = 0 THEN 'received'
        ELSE 'open'
    END AS status,
    CASE WHEN is_taken_back OR is_closed OR order_id IS NULL THEN 0 ELSE balance END
        AS open_quantity
FROM settled;
