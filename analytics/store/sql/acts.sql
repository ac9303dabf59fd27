-- What was done to imports after they were made, oldest first. Times are UTC.
-- Grain: one row per undo or redo.
-- Parameters: none.
SELECT import_id, act, who, acts.acted_at::TIMESTAMP AS acted_at
FROM acts
ORDER BY acts.acted_at, import_id
