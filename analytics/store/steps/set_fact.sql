-- Keeps a fact about the workspace itself.
-- Grain: one row.
-- Parameters: $name, $value.
INSERT OR REPLACE INTO meta VALUES ($name, $value)
