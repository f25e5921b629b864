-- What is kept, and what it takes to remove it. The PostgreSQL twin of this file differs in the names of types only.
-- Days are YYYYMMDD. The last day that a document is about; those registered before are dated by their times.
ALTER TABLE document_entry ADD COLUMN last_service TEXT NOT NULL DEFAULT '';
UPDATE document_entry SET last_service =
    substr(coalesce(service_stop_time, service_start_time, creation_time, registered_at), 1, 8);
-- PID-7 and PID-29 of sourcePatientInfo
ALTER TABLE document_entry ADD COLUMN birth_date TEXT;
ALTER TABLE document_entry ADD COLUMN death_date TEXT;
CREATE INDEX document_entry_by_last_service ON document_entry (last_service, entry_uuid);

-- One row. A removal commits only on the hold_seq that it was decided on.
CREATE TABLE retention_state (
    id INTEGER PRIMARY KEY,
    hold_seq INTEGER NOT NULL
) STRICT;
INSERT INTO retention_state (id, hold_seq) VALUES (1, 0);

-- Holds as they were placed and lifted; rows are only ever added.
CREATE TABLE retention_hold (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    -- 1 placed, 2 lifted
    act INTEGER NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    kind TEXT,
    review_on TEXT,
    -- The scope: what is NULL does not narrow it.
    patient_key INTEGER,
    publisher_ods TEXT,
    type_code TEXT,
    unique_id TEXT
) STRICT;
CREATE UNIQUE INDEX retention_hold_once ON retention_hold (name, act);

-- Controllers' approvals; rows are only ever added.
CREATE TABLE retention_approval (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    purpose TEXT NOT NULL,
    controller_ods TEXT NOT NULL,
    approved_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    at TEXT NOT NULL,
    valid_until TEXT NOT NULL
) STRICT;
CREATE TABLE retention_approval_document (
    approval INTEGER NOT NULL,
    unique_id TEXT NOT NULL,
    PRIMARY KEY (unique_id, approval)
) STRICT;
CREATE INDEX retention_approval_document_by_approval ON retention_approval_document (approval);

-- What is left of an entry that was removed: which it was, on what ground it went, and what a hold
-- or a period still needs to know as long as its bytes are there.
CREATE TABLE removed_entry (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    patient_key INTEGER NOT NULL,
    entry_uuid TEXT NOT NULL,
    unique_id TEXT NOT NULL,
    repository_unique_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    publisher_ods TEXT,
    type_code TEXT NOT NULL,
    practice_setting TEXT NOT NULL,
    class_code TEXT,
    last_contact TEXT NOT NULL,
    birth_date TEXT,
    death_date TEXT,
    removed_at TEXT NOT NULL,
    removed_by TEXT NOT NULL,
    purpose TEXT NOT NULL,
    permit TEXT NOT NULL,
    approval INTEGER,
    rule TEXT NOT NULL,
    table_version TEXT NOT NULL,
    retained_until TEXT,
    certificate TEXT
) STRICT;
CREATE INDEX removed_entry_by_id ON removed_entry (unique_id);
CREATE INDEX removed_entry_by_approval ON removed_entry (approval) WHERE approval IS NOT NULL;
