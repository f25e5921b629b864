-- Documents that were taken back and of which the gateway has not been told yet. The SQLite twin of this file differs in the names of types only.
CREATE TABLE withdrawal (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL,
    -- as it is told
    body TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX withdrawal_by_id ON withdrawal (id);

-- Which documents belong to one encounter: reference ids in their order, those of a patient together.
CREATE INDEX entry_code_by_reference ON entry_code (code, patient_key, entry_uuid) WHERE attribute = 8;
