-- Version 1. Times are text in UTC with microseconds, so that they sort; a secret is never stored.

CREATE TABLE rooms (
  workspace_id TEXT PRIMARY KEY,
  position     INTEGER NOT NULL UNIQUE,      -- the first workspace is 0
  name         TEXT NOT NULL,
  name_key     TEXT NOT NULL UNIQUE,         -- the name as it is compared
  folder       TEXT NOT NULL,                -- below the home; '' is the default folder
  created_at   TEXT NOT NULL,
  created_by   TEXT NOT NULL,
  deleted_at   TEXT,
  gone_at      TEXT,                         -- when its grace ends
  due_at       TEXT,                         -- when the end of its grace was first seen
  ended_at     TEXT                          -- when it was dropped
) STRICT;

CREATE TABLE salts (                         -- one per workspace: a sign-in tries all roles by one key
  workspace_id TEXT PRIMARY KEY,
  salt         BLOB NOT NULL,
  cost         TEXT NOT NULL                 -- of scrypt: n r p
) STRICT;

CREATE TABLE secrets (
  workspace_id TEXT NOT NULL,
  role         TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'owner')),
  key          BLOB NOT NULL,
  changed_at   TEXT NOT NULL,
  PRIMARY KEY (workspace_id, role)
) STRICT;

CREATE TABLE members (
  workspace_id TEXT NOT NULL,
  address      TEXT NOT NULL,
  role         TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'owner')),
  added_at     TEXT NOT NULL,
  added_by     TEXT NOT NULL,
  PRIMARY KEY (workspace_id, address)
) STRICT;
CREATE INDEX members_by_address ON members (address);

CREATE TABLE sessions (
  digest       BLOB PRIMARY KEY,             -- SHA-256 of what the browser holds
  session_id   TEXT NOT NULL UNIQUE,         -- for lists; opens nothing
  name         TEXT NOT NULL,
  address      TEXT NOT NULL,                -- '' where a team secret was the way in
  created_at   TEXT NOT NULL,
  seen_at      TEXT NOT NULL
) STRICT;

CREATE TABLE grants (                        -- of sessions that a team secret opened
  digest       BLOB NOT NULL,
  workspace_id TEXT NOT NULL,
  role         TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'owner')),
  PRIMARY KEY (digest, workspace_id)
) STRICT;
CREATE INDEX grants_by_workspace ON grants (workspace_id);

CREATE TABLE audit (
  number       INTEGER PRIMARY KEY,
  at           TEXT NOT NULL,
  workspace_id TEXT NOT NULL,
  who          TEXT NOT NULL,
  act          TEXT NOT NULL,
  object       TEXT NOT NULL,
  counts       TEXT NOT NULL,                -- as JSON
  hash         BLOB NOT NULL                 -- over the hash before it and this row
) STRICT;
CREATE INDEX audit_by_workspace ON audit (workspace_id, number);

CREATE TABLE audit_head (                    -- how far the chain goes: a cut tail is noticed
  only_row     INTEGER PRIMARY KEY CHECK (only_row = 1),
  number       INTEGER NOT NULL,
  hash         BLOB NOT NULL
) STRICT;
INSERT INTO audit_head VALUES (1, 0, x'');

CREATE TRIGGER audit_is_not_edited BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is only ever added to'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is only ever added to'); END;
CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit
WHEN NEW.number IS NOT (SELECT number + 1 FROM audit_head)
BEGIN SELECT RAISE(ABORT, 'the audit is only ever added to'); END;
CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'the audit is only ever added to'); END;
