-- Gives the data a new random id.
-- Grain: one row.
-- Parameters: $version.
INSERT OR REPLACE INTO meta VALUES ('version', $version)
