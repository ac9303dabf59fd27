-- Names the files that may be opened beside the workspace's own.
-- Grain: none.
-- Parameters: $paths.
SET allowed_paths = $paths
