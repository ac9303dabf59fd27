-- Reads every block of every table, so that a damaged one is found now and not by a question later.
-- Grain: one row.
-- Parameters: none.
SELECT
    (SELECT bit_xor(hash(t)) FROM meta AS t),
    (SELECT bit_xor(hash(t)) FROM settings AS t),
    (SELECT bit_xor(hash(t)) FROM mappings AS t),
    (SELECT bit_xor(hash(t)) FROM imports AS t),
    (SELECT bit_xor(hash(t)) FROM acts AS t),
    (SELECT bit_xor(hash(t)) FROM rejects AS t),
    (SELECT bit_xor(hash(t)) FROM covers AS t),
    (SELECT bit_xor(hash(t)) FROM grains AS t),
    (SELECT bit_xor(hash(t)) FROM sales_lines AS t),
    (SELECT bit_xor(hash(t)) FROM sales AS t),
    (SELECT bit_xor(hash(t)) FROM skus AS t),
    (SELECT bit_xor(hash(t)) FROM products_lines AS t),
    (SELECT bit_xor(hash(t)) FROM stock_lines AS t),
    (SELECT bit_xor(hash(t)) FROM purchase_orders_lines AS t),
    (SELECT bit_xor(hash(t)) FROM events_lines AS t),
    (SELECT bit_xor(hash(t)) FROM rates_lines AS t),
    (SELECT bit_xor(hash(t)) FROM routes_lines AS t),
    (SELECT bit_xor(hash(t)) FROM aliases_lines AS t),
    (SELECT bit_xor(hash(t)) FROM bundles_lines AS t),
    (SELECT bit_xor(hash(t)) FROM markets_lines AS t),
    (SELECT bit_xor(hash(t)) FROM aliases AS t),
    (SELECT bit_xor(hash(t)) FROM bundles AS t),
    (SELECT bit_xor(hash(t)) FROM market_map AS t),
    (SELECT bit_xor(hash(t)) FROM forecasts AS t),
    -- by their indices
    (SELECT value FROM meta WHERE name = 'version'),
    (SELECT value FROM settings WHERE name = 'base_currency'),
    (SELECT choice FROM mappings WHERE fingerprint = '')
