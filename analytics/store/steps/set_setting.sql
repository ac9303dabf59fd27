-- Keeps a decision of the seller.
-- Grain: one row.
-- Parameters: $name, $value.
INSERT OR REPLACE INTO settings VALUES ($name, $value)
