-- The index. Every table leads with the patient, so that a sharding engine can take it later.
-- The SQLite twin of this file differs in the names of types only. Text compares by its bytes.
CREATE TABLE patient (
    -- The NHS number under its own authority.
    patient_key BIGINT PRIMARY KEY,
    -- Raised by every change; a decision commits only on the version it has read.
    version BIGINT NOT NULL
);

CREATE TABLE document_entry (
    patient_key BIGINT NOT NULL,
    entry_uuid TEXT COLLATE "C" NOT NULL,
    logical_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    -- 1 where no later version of the logicalID is registered, else 0
    latest BIGINT NOT NULL,
    -- 1 Approved, 2 Deprecated
    availability_status BIGINT NOT NULL,
    -- 1 stable, 2 on-demand
    object_type BIGINT NOT NULL,
    unique_id TEXT COLLATE "C" NOT NULL,
    repository_unique_id TEXT COLLATE "C" NOT NULL,
    mime_type TEXT COLLATE "C" NOT NULL,
    home_community_id TEXT COLLATE "C",
    type_code TEXT COLLATE "C" NOT NULL,
    type_scheme TEXT COLLATE "C" NOT NULL,
    type_index TEXT COLLATE "C" NOT NULL,
    practice_setting TEXT COLLATE "C" NOT NULL,
    creation_time TEXT COLLATE "C",
    service_start_time TEXT COLLATE "C",
    service_stop_time TEXT COLLATE "C",
    document_availability TEXT COLLATE "C",
    confidentiality TEXT COLLATE "C" NOT NULL,
    publisher_ods TEXT COLLATE "C",
    -- ODS codes of the SubmissionSet's intended recipients
    recipients TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    size BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    registered_at TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX document_entry_by_uuid ON document_entry (patient_key, entry_uuid);
CREATE INDEX document_entry_by_type ON document_entry (patient_key, availability_status, type_index);
CREATE INDEX document_entry_by_seq ON document_entry (patient_key, seq);

CREATE TABLE submission_set (
    patient_key BIGINT NOT NULL,
    entry_uuid TEXT COLLATE "C" NOT NULL,
    unique_id TEXT COLLATE "C" NOT NULL,
    home_community_id TEXT COLLATE "C",
    source_id TEXT COLLATE "C" NOT NULL,
    submission_time TEXT COLLATE "C" NOT NULL,
    publisher_ods TEXT COLLATE "C",
    digest BYTEA NOT NULL,
    seq BIGINT NOT NULL,
    registered_at TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX submission_set_by_uuid ON submission_set (patient_key, entry_uuid);

CREATE TABLE folder (
    patient_key BIGINT NOT NULL,
    entry_uuid TEXT COLLATE "C" NOT NULL,
    logical_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    latest BIGINT NOT NULL,
    availability_status BIGINT NOT NULL,
    unique_id TEXT COLLATE "C" NOT NULL,
    home_community_id TEXT COLLATE "C",
    last_update_time TEXT COLLATE "C" NOT NULL,
    publisher_ods TEXT COLLATE "C",
    seq BIGINT NOT NULL,
    registered_at TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX folder_by_uuid ON folder (patient_key, entry_uuid);

CREATE TABLE association (
    patient_key BIGINT NOT NULL,
    entry_uuid TEXT COLLATE "C" NOT NULL,
    association_type TEXT COLLATE "C" NOT NULL,
    source_object TEXT COLLATE "C" NOT NULL,
    target_object TEXT COLLATE "C" NOT NULL,
    availability_status BIGINT NOT NULL,
    -- 1 Original, 2 Reference; only from a SubmissionSet to a DocumentEntry
    submission_set_status BIGINT,
    content TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX association_by_uuid ON association (patient_key, entry_uuid);
CREATE INDEX association_by_source ON association (patient_key, source_object);
CREATE INDEX association_by_target ON association (patient_key, target_object);

-- What is answered of a DocumentEntry, SubmissionSet or Folder. It stands apart, so that finding
-- reads short rows only.
CREATE TABLE content (
    patient_key BIGINT NOT NULL,
    entry_uuid TEXT COLLATE "C" NOT NULL,
    content TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX content_by_uuid ON content (patient_key, entry_uuid);

-- Coded attributes, authors and reference ids, for filtering only.
CREATE TABLE entry_code (
    patient_key BIGINT NOT NULL,
    attribute BIGINT NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    scheme TEXT COLLATE "C" NOT NULL,
    entry_uuid TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (patient_key, attribute, code, scheme, entry_uuid)
);
CREATE INDEX entry_code_by_uuid ON entry_code (patient_key, entry_uuid);

-- Ids that come without a patient: which patient, which object. Ids are uniqueIds, entryUUIDs and
-- logicalIDs; an object that another patient's association refers to is found under that one too.
CREATE TABLE locator (
    id TEXT COLLATE "C" NOT NULL,
    -- 1 DocumentEntry, 2 SubmissionSet, 3 Folder, 4 Association, 5 referred to from elsewhere
    kind BIGINT NOT NULL,
    patient_key BIGINT NOT NULL,
    entry_uuid TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (id, kind, entry_uuid, patient_key)
);
-- Only a document's uniqueId may recur.
CREATE UNIQUE INDEX locator_once ON locator (id) WHERE kind IN (2, 3, 4) AND version = 1;

-- What happened, in order: whoever must notify reads on from the last number it has seen.
CREATE TABLE change (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    patient_key BIGINT NOT NULL,
    entry_uuid TEXT COLLATE "C" NOT NULL,
    -- 1 registered, 2 deprecated, 3 approved again, 4 removed
    kind BIGINT NOT NULL,
    at TEXT COLLATE "C" NOT NULL
);
