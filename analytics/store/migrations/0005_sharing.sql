-- Scenarios get names, and links let others see one of them. None of this moves the numbers, and so
-- none of it moves the version.

-- A scenario that somebody named; kept when it is removed, so that no number is given twice.
-- "query" is the scenario as a link spells it, every field of it; "data_version" that of the data
-- that were looked at when it was saved, empty if nobody said.
CREATE TABLE scenarios (
    scenario_id INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    name_key VARCHAR NOT NULL,
    query VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    author VARCHAR NOT NULL,
    data_version VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    removed_at TIMESTAMPTZ,
    removed_by VARCHAR
);

-- A link that shows a scenario to whoever has its token; of the token only the SHA-256 is here.
-- "data_version", "fingerprint" and "checksum" are those of the day on which it was made.
CREATE TABLE shares (
    share_id INTEGER NOT NULL,
    token_hash VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    author VARCHAR NOT NULL,
    query VARCHAR NOT NULL,
    item VARCHAR NOT NULL,
    hides_money BOOLEAN NOT NULL,
    is_sample BOOLEAN NOT NULL,
    data_version VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    checksum VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ,
    revoked_by VARCHAR,
    views INTEGER NOT NULL,
    last_viewed_at TIMESTAMPTZ
);

-- What a frozen link shows, and the SHA-256 that proves it.
CREATE TABLE share_answers (
    share_id INTEGER NOT NULL,
    answer BLOB NOT NULL,
    sha256 VARCHAR NOT NULL
);

-- A browser that came by a link; of its cookie only the SHA-256 is here.
CREATE TABLE share_sessions (
    session_hash VARCHAR NOT NULL,
    share_id INTEGER NOT NULL,
    opened_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
