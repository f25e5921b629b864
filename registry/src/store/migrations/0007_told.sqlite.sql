-- What feeds, merges and documents say of who looks after a patient, and of which the gateway has not
-- been told yet. The PostgreSQL twin of this file differs in the names of types only.
CREATE TABLE told (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    -- as it is told
    body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX told_by_id ON told (id);

-- The day of a death that a feed has named, YYYYMMDD, and the organisation that did: retention counts
-- from it as from one that a document states.
ALTER TABLE patient ADD COLUMN died_on TEXT;
ALTER TABLE patient ADD COLUMN died_by TEXT;
