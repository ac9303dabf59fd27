-- What was last wrong with the file, and what was done about it, until somebody has read it; JSON.
-- Grain: one row at most.
-- Parameters: none.
SELECT value FROM meta WHERE name = 'recovery'
