-- What is kept, and what it takes to remove it. The SQLite twin of this file differs in the names of types only.
-- Days are YYYYMMDD. The last day that a document is about; those registered before are dated by their times.
ALTER TABLE document_entry ADD COLUMN last_service TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE document_entry SET last_service =
    substr(coalesce(service_stop_time, service_start_time, creation_time, registered_at), 1, 8);
-- PID-7 and PID-29 of sourcePatientInfo
ALTER TABLE document_entry ADD COLUMN birth_date TEXT COLLATE "C";
ALTER TABLE document_entry ADD COLUMN death_date TEXT COLLATE "C";
CREATE INDEX document_entry_by_last_service ON document_entry (last_service, entry_uuid);

-- One row. A removal commits only on the hold_seq that it was decided on.
CREATE TABLE retention_state (
    id BIGINT PRIMARY KEY,
    hold_seq BIGINT NOT NULL
);
INSERT INTO retention_state (id, hold_seq) VALUES (1, 0);

-- Holds as they were placed and lifted; rows are only ever added.
CREATE TABLE retention_hold (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    -- 1 placed, 2 lifted
    act BIGINT NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C",
    review_on TEXT COLLATE "C",
    -- The scope: what is NULL does not narrow it.
    patient_key BIGINT,
    publisher_ods TEXT COLLATE "C",
    type_code TEXT COLLATE "C",
    unique_id TEXT COLLATE "C"
);
CREATE UNIQUE INDEX retention_hold_once ON retention_hold (name, act);

-- Controllers' approvals; rows are only ever added.
CREATE TABLE retention_approval (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    purpose TEXT COLLATE "C" NOT NULL,
    controller_ods TEXT COLLATE "C" NOT NULL,
    approved_by TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    valid_until TEXT COLLATE "C" NOT NULL
);
CREATE TABLE retention_approval_document (
    approval BIGINT NOT NULL,
    unique_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (unique_id, approval)
);
CREATE INDEX retention_approval_document_by_approval ON retention_approval_document (approval);

-- What is left of an entry that was removed: which it was, on what ground it went, and what a hold
-- or a period still needs to know as long as its bytes are there.
CREATE TABLE removed_entry (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    patient_key BIGINT NOT NULL,
    entry_uuid TEXT COLLATE "C" NOT NULL,
    unique_id TEXT COLLATE "C" NOT NULL,
    repository_unique_id TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    publisher_ods TEXT COLLATE "C",
    type_code TEXT COLLATE "C" NOT NULL,
    practice_setting TEXT COLLATE "C" NOT NULL,
    class_code TEXT COLLATE "C",
    last_contact TEXT COLLATE "C" NOT NULL,
    birth_date TEXT COLLATE "C",
    death_date TEXT COLLATE "C",
    removed_at TEXT COLLATE "C" NOT NULL,
    removed_by TEXT COLLATE "C" NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    permit TEXT COLLATE "C" NOT NULL,
    approval BIGINT,
    rule TEXT COLLATE "C" NOT NULL,
    table_version TEXT COLLATE "C" NOT NULL,
    retained_until TEXT COLLATE "C",
    certificate TEXT COLLATE "C"
);
CREATE INDEX removed_entry_by_id ON removed_entry (unique_id);
CREATE INDEX removed_entry_by_approval ON removed_entry (approval) WHERE approval IS NOT NULL;
