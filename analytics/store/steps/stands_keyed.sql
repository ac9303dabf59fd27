-- Whether no later import says something else of the keys of one sheet of a small table.
-- Grain: one row.
-- Parameters: $import_id, $kind.
WITH own AS (
    SELECT key, value FROM keyed_lines WHERE kind = $kind AND import_id = $import_id
),

later AS (
    SELECT key, value
    FROM keyed_lines
    SEMI JOIN standing USING (import_id)
    WHERE kind = $kind AND import_id > $import_id AND key IN (SELECT key FROM own)
    QUALIFY import_id = max(import_id) OVER (PARTITION BY key)
)

SELECT NOT EXISTS (
    SELECT said.key
    FROM (SELECT key, list_sort(list(value)) AS content FROM own GROUP BY key) AS said
    INNER JOIN (SELECT key, list_sort(list(value)) AS content FROM later GROUP BY key) AS told
        ON told.key = said.key AND told.content <> said.content
)
