-- Messages that were answered OK, by the organisation of their sender.
CREATE TABLE message (
    publisher TEXT NOT NULL,
    tracking_id TEXT NOT NULL,
    -- SHA-256 over decoded payloads, interaction and address list.
    digest TEXT NOT NULL,
    -- SHA-256 over the decoded payloads alone.
    payloads TEXT NOT NULL,
    -- registered, distributed, withdrawn, held, quarantined
    disposition TEXT NOT NULL,
    received_at TEXT NOT NULL,
    PRIMARY KEY (publisher, tracking_id, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_by_age ON message (received_at);

-- Messages that may not be indexed as they are. Never part of any answer to a consumer.
CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    reason TEXT NOT NULL,
    -- ODS code.
    publisher TEXT NOT NULL,
    route TEXT NOT NULL,
    received_at TEXT NOT NULL,
    -- What the envelope said, as JSON.
    envelope TEXT NOT NULL,
    -- open, redrive, drop, done, dropped
    state TEXT NOT NULL,
    -- 1 where an operator vouches for the document, and the number that it goes under, ten digits.
    resolved INTEGER NOT NULL DEFAULT 0,
    nhs_number TEXT,
    -- 1 where a person has compared name and birth date.
    despite_mismatch INTEGER NOT NULL DEFAULT 0,
    -- Who decided last, when and why.
    decided_by TEXT,
    decided_at TEXT,
    decided_because TEXT,
    -- What the last redrive said; never a patient's.
    outcome TEXT
) STRICT;
CREATE INDEX quarantine_by_state ON quarantine (state, id);

CREATE TABLE quarantine_payload (
    quarantine_id INTEGER NOT NULL REFERENCES quarantine (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    item_id TEXT NOT NULL,
    mime_type TEXT NOT NULL,
    profile_id TEXT,
    bytes BLOB NOT NULL,
    -- 1 where it describes the others
    metadata INTEGER NOT NULL,
    filename TEXT,
    PRIMARY KEY (quarantine_id, number)
) STRICT;

-- Nullifications, applied or waiting for the document that they name; kept for audit.
CREATE TABLE nullification (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    publisher TEXT NOT NULL,
    -- SHA-256 of the document
    digest TEXT NOT NULL,
    -- uniqueId of parentDocument/id, and the set and version of the nullification itself.
    unique_id TEXT,
    set_id TEXT,
    version INTEGER NOT NULL,
    -- 1 where it says that the document is about another patient
    wrong_patient INTEGER NOT NULL,
    received_at TEXT NOT NULL,
    until TEXT NOT NULL,
    envelope TEXT NOT NULL,
    document BLOB NOT NULL,
    -- waiting, applying, applied, refused, expired
    stage TEXT NOT NULL,
    -- What it takes back, as JSON.
    entries TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE UNIQUE INDEX nullification_once ON nullification (publisher, digest);
CREATE INDEX nullification_by_document ON nullification (unique_id);
CREATE INDEX nullification_by_set ON nullification (set_id);
CREATE INDEX nullification_by_stage ON nullification (stage);

-- A document was in the wrong patient's record.
CREATE TABLE incident (
    nullification_id INTEGER PRIMARY KEY REFERENCES nullification (id),
    at TEXT NOT NULL
) STRICT;
