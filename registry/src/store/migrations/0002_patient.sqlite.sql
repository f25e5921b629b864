-- Who a patient is. The PostgreSQL twin of this file differs in the names of types only.
-- 1 known by a document or by hand, 2 active: named by a patient identity feed
ALTER TABLE patient ADD COLUMN standing INTEGER NOT NULL DEFAULT 1;
-- The patient at the end of the chain of merges; NULL for one that was not subsumed. Rows stay under
-- their own key, so what belonged to a subsumed patient is known exactly.
ALTER TABLE patient ADD COLUMN survivor INTEGER;
-- 1: two people share the number
ALTER TABLE patient ADD COLUMN frozen INTEGER NOT NULL DEFAULT 0;
CREATE INDEX patient_by_survivor ON patient (survivor) WHERE survivor IS NOT NULL;
CREATE INDEX patient_frozen ON patient (patient_key) WHERE frozen = 1;

-- Identifiers of other authorities; the key is negative, an NHS number's never is.
CREATE TABLE patient_identifier (
    authority TEXT NOT NULL,
    id TEXT NOT NULL,
    patient_key INTEGER NOT NULL,
    PRIMARY KEY (authority, id)
) STRICT;
CREATE UNIQUE INDEX patient_identifier_by_key ON patient_identifier (patient_key);

-- Every merge, who asked for it, and whether it was undone.
CREATE TABLE patient_merge (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    subsumed INTEGER NOT NULL,
    surviving INTEGER NOT NULL,
    at TEXT NOT NULL,
    source TEXT NOT NULL,
    message_id TEXT NOT NULL,
    undone_at TEXT
) STRICT;
CREATE UNIQUE INDEX patient_merge_standing ON patient_merge (subsumed) WHERE undone_at IS NULL;
CREATE INDEX patient_merge_by_pair ON patient_merge (subsumed, surviving);
CREATE INDEX patient_merge_by_message ON patient_merge (source, message_id);

-- Merges that were asked for and refused, for a person to look at. None of a pair of do_not_link.
CREATE TABLE refused_merge (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    subsumed TEXT NOT NULL,
    surviving TEXT NOT NULL,
    at TEXT NOT NULL,
    source TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX refused_merge_by_pair ON refused_merge (subsumed, surviving);

-- Pairs that must never be linked, by a digest of both: nobody reads here who they are.
CREATE TABLE do_not_link (
    pair BLOB PRIMARY KEY,
    at TEXT NOT NULL
) STRICT;

-- Entries that were taken off a shared number, and whose they were before.
CREATE TABLE patient_split (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    entry_uuid TEXT NOT NULL,
    from_key INTEGER NOT NULL,
    to_key INTEGER NOT NULL,
    at TEXT NOT NULL,
    undone_at TEXT
) STRICT;
CREATE INDEX patient_split_by_entry ON patient_split (entry_uuid);
CREATE INDEX patient_split_by_pair ON patient_split (from_key, to_key);
