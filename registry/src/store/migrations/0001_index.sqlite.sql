-- The index. Every table leads with the patient, so that a sharding engine can take it later.
-- The PostgreSQL twin of this file differs in the names of types only.
CREATE TABLE patient (
    -- The NHS number under its own authority.
    patient_key INTEGER PRIMARY KEY,
    -- Raised by every change; a decision commits only on the version it has read.
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE document_entry (
    patient_key INTEGER NOT NULL,
    entry_uuid TEXT NOT NULL,
    logical_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    -- 1 where no later version of the logicalID is registered, else 0
    latest INTEGER NOT NULL,
    -- 1 Approved, 2 Deprecated
    availability_status INTEGER NOT NULL,
    -- 1 stable, 2 on-demand
    object_type INTEGER NOT NULL,
    unique_id TEXT NOT NULL,
    repository_unique_id TEXT NOT NULL,
    mime_type TEXT NOT NULL,
    home_community_id TEXT,
    type_code TEXT NOT NULL,
    type_scheme TEXT NOT NULL,
    type_index TEXT NOT NULL,
    practice_setting TEXT NOT NULL,
    creation_time TEXT,
    service_start_time TEXT,
    service_stop_time TEXT,
    document_availability TEXT,
    confidentiality TEXT NOT NULL,
    publisher_ods TEXT,
    -- ODS codes of the SubmissionSet's intended recipients
    recipients TEXT NOT NULL,
    hash TEXT NOT NULL,
    size INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    registered_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX document_entry_by_uuid ON document_entry (patient_key, entry_uuid);
CREATE INDEX document_entry_by_type ON document_entry (patient_key, availability_status, type_index);
CREATE INDEX document_entry_by_seq ON document_entry (patient_key, seq);

CREATE TABLE submission_set (
    patient_key INTEGER NOT NULL,
    entry_uuid TEXT NOT NULL,
    unique_id TEXT NOT NULL,
    home_community_id TEXT,
    source_id TEXT NOT NULL,
    submission_time TEXT NOT NULL,
    publisher_ods TEXT,
    digest BLOB NOT NULL,
    seq INTEGER NOT NULL,
    registered_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX submission_set_by_uuid ON submission_set (patient_key, entry_uuid);

CREATE TABLE folder (
    patient_key INTEGER NOT NULL,
    entry_uuid TEXT NOT NULL,
    logical_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    latest INTEGER NOT NULL,
    availability_status INTEGER NOT NULL,
    unique_id TEXT NOT NULL,
    home_community_id TEXT,
    last_update_time TEXT NOT NULL,
    publisher_ods TEXT,
    seq INTEGER NOT NULL,
    registered_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX folder_by_uuid ON folder (patient_key, entry_uuid);

CREATE TABLE association (
    patient_key INTEGER NOT NULL,
    entry_uuid TEXT NOT NULL,
    association_type TEXT NOT NULL,
    source_object TEXT NOT NULL,
    target_object TEXT NOT NULL,
    availability_status INTEGER NOT NULL,
    -- 1 Original, 2 Reference; only from a SubmissionSet to a DocumentEntry
    submission_set_status INTEGER,
    content TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX association_by_uuid ON association (patient_key, entry_uuid);
CREATE INDEX association_by_source ON association (patient_key, source_object);
CREATE INDEX association_by_target ON association (patient_key, target_object);

-- What is answered of a DocumentEntry, SubmissionSet or Folder. It stands apart, so that finding
-- reads short rows only.
CREATE TABLE content (
    patient_key INTEGER NOT NULL,
    entry_uuid TEXT NOT NULL,
    content TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX content_by_uuid ON content (patient_key, entry_uuid);

-- Coded attributes, authors and reference ids, for filtering only.
CREATE TABLE entry_code (
    patient_key INTEGER NOT NULL,
    attribute INTEGER NOT NULL,
    code TEXT NOT NULL,
    scheme TEXT NOT NULL,
    entry_uuid TEXT NOT NULL,
    PRIMARY KEY (patient_key, attribute, code, scheme, entry_uuid)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_code_by_uuid ON entry_code (patient_key, entry_uuid);

-- Ids that come without a patient: which patient, which object. Ids are uniqueIds, entryUUIDs and
-- logicalIDs; an object that another patient's association refers to is found under that one too.
CREATE TABLE locator (
    id TEXT NOT NULL,
    -- 1 DocumentEntry, 2 SubmissionSet, 3 Folder, 4 Association, 5 referred to from elsewhere
    kind INTEGER NOT NULL,
    patient_key INTEGER NOT NULL,
    entry_uuid TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (id, kind, entry_uuid, patient_key)
) STRICT, WITHOUT ROWID;
-- Only a document's uniqueId may recur.
CREATE UNIQUE INDEX locator_once ON locator (id) WHERE kind IN (2, 3, 4) AND version = 1;

-- What happened, in order: whoever must notify reads on from the last number it has seen.
CREATE TABLE change (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    patient_key INTEGER NOT NULL,
    entry_uuid TEXT NOT NULL,
    -- 1 registered, 2 deprecated, 3 approved again, 4 removed
    kind INTEGER NOT NULL,
    at TEXT NOT NULL
) STRICT;
