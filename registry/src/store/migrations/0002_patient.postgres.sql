-- Who a patient is. The SQLite twin of this file differs in the names of types only.
-- 1 known by a document or by hand, 2 active: named by a patient identity feed
ALTER TABLE patient ADD COLUMN standing BIGINT NOT NULL DEFAULT 1;
-- The patient at the end of the chain of merges; NULL for one that was not subsumed. Rows stay under
-- their own key, so what belonged to a subsumed patient is known exactly.
ALTER TABLE patient ADD COLUMN survivor BIGINT;
-- 1: two people share the number
ALTER TABLE patient ADD COLUMN frozen BIGINT NOT NULL DEFAULT 0;
CREATE INDEX patient_by_survivor ON patient (survivor) WHERE survivor IS NOT NULL;
CREATE INDEX patient_frozen ON patient (patient_key) WHERE frozen = 1;

-- Identifiers of other authorities; the key is negative, an NHS number's never is.
CREATE TABLE patient_identifier (
    authority TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    patient_key BIGINT NOT NULL,
    PRIMARY KEY (authority, id)
);
CREATE UNIQUE INDEX patient_identifier_by_key ON patient_identifier (patient_key);

-- Every merge, who asked for it, and whether it was undone.
CREATE TABLE patient_merge (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subsumed BIGINT NOT NULL,
    surviving BIGINT NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    message_id TEXT COLLATE "C" NOT NULL,
    undone_at TEXT COLLATE "C"
);
CREATE UNIQUE INDEX patient_merge_standing ON patient_merge (subsumed) WHERE undone_at IS NULL;
CREATE INDEX patient_merge_by_pair ON patient_merge (subsumed, surviving);
CREATE INDEX patient_merge_by_message ON patient_merge (source, message_id);

-- Merges that were asked for and refused, for a person to look at. None of a pair of do_not_link.
CREATE TABLE refused_merge (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subsumed TEXT COLLATE "C" NOT NULL,
    surviving TEXT COLLATE "C" NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL
);
CREATE INDEX refused_merge_by_pair ON refused_merge (subsumed, surviving);

-- Pairs that must never be linked, by a digest of both: nobody reads here who they are.
CREATE TABLE do_not_link (
    pair BYTEA PRIMARY KEY,
    at TEXT COLLATE "C" NOT NULL
);

-- Entries that were taken off a shared number, and whose they were before.
CREATE TABLE patient_split (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entry_uuid TEXT COLLATE "C" NOT NULL,
    from_key BIGINT NOT NULL,
    to_key BIGINT NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    undone_at TEXT COLLATE "C"
);
CREATE INDEX patient_split_by_entry ON patient_split (entry_uuid);
CREATE INDEX patient_split_by_pair ON patient_split (from_key, to_key);
