-- What citizens have said, and what withdrew it. Nothing is changed or removed: a later row names
-- the earlier one that it withdraws.
CREATE TABLE statement (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    patient_key INTEGER NOT NULL,
    -- the earlier statement that this row withdraws
    withdraws INTEGER UNIQUE REFERENCES statement (id),
    -- the imported document and its version: `ZZP01|2.25.7|1f0c...`
    source TEXT,
    -- RFC 3339
    recorded_at TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX statement_by_patient ON statement (patient_key);
CREATE INDEX statement_by_source ON statement (patient_key, source) WHERE source IS NOT NULL;
CREATE TRIGGER statement_is_not_changed BEFORE UPDATE ON statement
BEGIN SELECT RAISE(ABORT, 'a statement is never changed'); END;
CREATE TRIGGER statement_is_not_removed BEFORE DELETE ON statement
BEGIN SELECT RAISE(ABORT, 'a statement is never removed'); END;

INSERT INTO statement (patient_key, recorded_at, body)
SELECT patient_key, recorded_on || 'T00:00:00Z', json_object(
    'said', json_patch('{"kind":"wish","wish":"do-not-share"}', json_object(
        'document_type', document_type, 'publisher', publisher, 'consumer', consumer)),
    'starts', recorded_on,
    'by', json_object('organisation', recorded_by, 'person', 'region file'),
    'evidence', json_object('text', 'region file'))
FROM preference;
DROP TABLE preference;
