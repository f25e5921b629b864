-- Child-protection entries that were read: once per organisation and episode, and what became of the
-- notice to the council that published them.
CREATE TABLE read_notice (
    id TEXT NOT NULL PRIMARY KEY,
    patient_key INTEGER NOT NULL,
    organisation TEXT NOT NULL,
    council TEXT NOT NULL,
    -- the encounter that it is, or '' where it is a stretch of hours
    episode TEXT NOT NULL,
    -- uniqueId of the first entry that was read
    document TEXT NOT NULL,
    purpose TEXT NOT NULL,
    role TEXT NOT NULL,
    -- at-once, digest, no
    notify TEXT NOT NULL,
    -- milliseconds since 1970
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    reads INTEGER NOT NULL,
    -- report-only, waiting, claimed, sent, delivered, acknowledged, refused, undeliverable
    state TEXT NOT NULL,
    -- which gateway process sends it: several may share this store
    sender TEXT,
    -- of its message; those of one digest share it
    tracking_id TEXT,
    payload_id TEXT,
    detail TEXT
) STRICT;
CREATE INDEX read_notice_of ON read_notice (patient_key, organisation, council, last_at);
CREATE INDEX read_notice_open ON read_notice (state)
    WHERE state IN ('waiting', 'claimed', 'sent', 'delivered');
