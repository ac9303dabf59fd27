-- Makes a link, and answers its number.
-- Grain: one row.
-- Parameters: $token_hash, $kind, $name, $note, $author, $query, $item, $hides_money, $is_sample,
-- $data_version, $fingerprint, $checksum, $created_at, $expires_at.
INSERT INTO shares BY NAME
SELECT
    coalesce(max(share_id), 0) + 1 AS share_id, $token_hash AS token_hash, $kind AS kind,
    $name AS name, $note AS note, $author AS author, $query AS query, $item AS item,
    $hides_money AS hides_money, $is_sample AS is_sample, $data_version AS data_version,
    $fingerprint AS fingerprint, $checksum AS checksum, $created_at AS created_at,
    $expires_at AS expires_at, 0 AS views
FROM shares
RETURNING share_id
