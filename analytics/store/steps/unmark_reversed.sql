-- Takes all marks off before they are set anew.
-- Grain: one row per sale that was marked.
-- Parameters: none.
UPDATE sales SET reversed = FALSE WHERE reversed
