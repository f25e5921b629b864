-- Legitimate relationships with where they come from, their age, and what became of them. A row is never
-- removed: what was over or cancelled stays for the question of who could see a patient on a day.
CREATE TABLE relationship_kept (
    patient_key INTEGER NOT NULL,
    ods TEXT NOT NULL,
    kind TEXT NOT NULL,
    starts TEXT NOT NULL,
    -- the visit's number or the document's uniqueId; '' where the kind has none
    reference TEXT NOT NULL,
    -- the last day on which it opens anything, a tail included; absent: no end is known
    ends TEXT,
    -- the day on which it was over, and why: `left`, `discharged`, `died`, `cancelled`, `by-hand`
    over_on TEXT,
    over_because TEXT,
    -- what `ends` was before it was over, for an end that is taken back
    ends_before TEXT,
    source TEXT NOT NULL,
    -- RFC 3339
    recorded_at TEXT NOT NULL,
    -- the day of the last message or list that said it still stands
    evidence_on TEXT NOT NULL,
    PRIMARY KEY (patient_key, ods, kind, starts, reference)
) STRICT;
INSERT INTO relationship_kept (patient_key, ods, kind, starts, reference, ends, source, recorded_at, evidence_on)
    SELECT patient_key, ods, kind, starts, '', ends, source, '', starts FROM relationship;
DROP TABLE relationship;
ALTER TABLE relationship_kept RENAME TO relationship;
-- A practice's list, whole.
CREATE INDEX relationship_by_ods ON relationship (ods, kind, patient_key);

-- Every change of a relationship, in order.
CREATE TABLE relationship_history (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    patient_key INTEGER NOT NULL,
    ods TEXT NOT NULL,
    kind TEXT NOT NULL,
    starts TEXT NOT NULL,
    -- `started`, `over`, `cancelled`, `stands again`
    what TEXT NOT NULL,
    ends TEXT,
    -- RFC 3339
    at TEXT NOT NULL,
    source TEXT NOT NULL,
    -- who said so, or entered it
    said_by TEXT NOT NULL
) STRICT;
CREATE INDEX relationship_history_by_patient ON relationship_history (patient_key, seq);

-- Patients who have died, who said so and when.
CREATE TABLE died (
    patient_key INTEGER PRIMARY KEY,
    died_on TEXT NOT NULL,
    said_by TEXT NOT NULL,
    recorded_at TEXT NOT NULL
) STRICT;

-- Who was merged into whom: facts of the subsumed are facts of the survivor. Only that the merge stands
-- is kept: once it is undone, nothing names the two together.
CREATE TABLE merged (
    subsumed INTEGER PRIMARY KEY,
    surviving INTEGER NOT NULL
) STRICT;
CREATE INDEX merged_by_surviving ON merged (surviving);

-- Transactional flags: who first named the event, and until when it opens anything. Milliseconds since 1970.
CREATE TABLE transactional (
    ods TEXT NOT NULL,
    kind TEXT NOT NULL,
    reference TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    system TEXT NOT NULL,
    -- the user, where an assertion names one
    user_name TEXT,
    PRIMARY KEY (ods, kind, reference)
) STRICT;
CREATE INDEX transactional_by_opening ON transactional (opened_at);
CREATE TABLE transactional_patient (
    ods TEXT NOT NULL,
    kind TEXT NOT NULL,
    reference TEXT NOT NULL,
    patient_key INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    PRIMARY KEY (ods, kind, reference, patient_key)
) STRICT;
CREATE INDEX transactional_by_patient ON transactional_patient (patient_key);
