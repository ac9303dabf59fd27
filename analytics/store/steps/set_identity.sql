-- Gives a new workspace its data version and the secret that customers are hashed with.
-- Grain: one row per fact.
-- Parameters: $version, $salt.
INSERT INTO meta VALUES ('version', $version), ('salt', $salt)
