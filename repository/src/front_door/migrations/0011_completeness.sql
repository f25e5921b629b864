-- Whom a message in quarantine claims to be about: nothing else of it is told to consumers.
CREATE TABLE quarantine_patient (
    patient_key INTEGER NOT NULL,
    quarantine_id INTEGER NOT NULL REFERENCES quarantine (id) ON DELETE CASCADE,
    PRIMARY KEY (patient_key, quarantine_id)
) STRICT, WITHOUT ROWID;

-- How many documents came of a publisher in an hour, counted from 1970.
CREATE TABLE heard (
    publisher TEXT NOT NULL,
    hour INTEGER NOT NULL,
    documents INTEGER NOT NULL,
    PRIMARY KEY (publisher, hour)
) STRICT, WITHOUT ROWID;
