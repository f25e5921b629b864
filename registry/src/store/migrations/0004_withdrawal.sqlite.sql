-- Documents that were taken back and of which the gateway has not been told yet. The PostgreSQL twin of this file differs in the names of types only.
CREATE TABLE withdrawal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    -- as it is told
    body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX withdrawal_by_id ON withdrawal (id);

-- Which documents belong to one encounter: reference ids in their order, those of a patient together.
CREATE INDEX entry_code_by_reference ON entry_code (code, patient_key, entry_uuid) WHERE attribute = 8;
