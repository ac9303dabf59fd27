-- Lets nothing be opened from now on but what was named before.
-- Grain: none.
-- Parameters: none.
SET enable_external_access = FALSE
