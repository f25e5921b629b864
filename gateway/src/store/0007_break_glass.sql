-- Broken glass: each use with what it opened, what the viewing organisation's privacy officer said of
-- it, and what publishers were told. Times are milliseconds since 1970.
CREATE TABLE glass_use (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    organisation TEXT NOT NULL,
    -- whom requests name: a user, else the system
    actor TEXT NOT NULL,
    patient_key INTEGER NOT NULL,
    at INTEGER NOT NULL,
    -- what the same actor opens until then belongs to this use
    until INTEGER NOT NULL,
    second_factor INTEGER NOT NULL,
    -- system, name, role, reason; a person's words, never for a log
    body TEXT NOT NULL
) STRICT;
CREATE INDEX glass_use_of_actor ON glass_use (organisation, actor, until);

CREATE TABLE glass_entry (
    glass_use INTEGER NOT NULL REFERENCES glass_use (id),
    unique_id TEXT NOT NULL,
    publisher TEXT NOT NULL,
    type_code TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    -- 1 once the document itself was handed out
    retrieved INTEGER NOT NULL,
    -- 1 where the citizen was against it
    over_preference INTEGER NOT NULL,
    -- the digest by which its publisher is told
    digest INTEGER,
    PRIMARY KEY (glass_use, unique_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX glass_entry_untold ON glass_entry (publisher) WHERE digest IS NULL;

-- The newest says how a use stands.
CREATE TABLE glass_review (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    glass_use INTEGER NOT NULL REFERENCES glass_use (id),
    at INTEGER NOT NULL,
    reviewer TEXT NOT NULL,
    outcome TEXT NOT NULL,
    note TEXT NOT NULL
) STRICT;
CREATE INDEX glass_review_of ON glass_review (glass_use);

CREATE TABLE glass_digest (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    publisher TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- when its notices were put into the outbox; by the report alone where that never is
    sent_at INTEGER
) STRICT;
CREATE INDEX glass_digest_unsent ON glass_digest (at) WHERE sent_at IS NULL;

CREATE TABLE second_factor (
    organisation TEXT NOT NULL,
    actor TEXT NOT NULL,
    secret BLOB NOT NULL,
    registered_at INTEGER NOT NULL,
    -- the step of the newest code that was taken
    last_step INTEGER NOT NULL,
    -- wrong codes since the last right one
    failures INTEGER NOT NULL,
    failed_at INTEGER NOT NULL,
    PRIMARY KEY (organisation, actor)
) STRICT, WITHOUT ROWID;
