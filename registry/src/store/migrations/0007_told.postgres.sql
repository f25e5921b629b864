-- What feeds, merges and documents say of who looks after a patient, and of which the gateway has not
-- been told yet. The SQLite twin of this file differs in the names of types only.
CREATE TABLE told (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL,
    -- as it is told
    body TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX told_by_id ON told (id);

-- The day of a death that a feed has named, YYYYMMDD, and the organisation that did: retention counts
-- from it as from one that a document states.
ALTER TABLE patient ADD COLUMN died_on TEXT COLLATE "C";
ALTER TABLE patient ADD COLUMN died_by TEXT COLLATE "C";
