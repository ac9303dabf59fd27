-- Makes room in memory for the names under which a lake's files are read.
-- Grain: none.
-- Parameters: none.
ATTACH ':memory:' AS lake (READ_WRITE)
