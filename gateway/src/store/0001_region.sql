-- What organisations decided. Agreements are append-only: a decision names the version it used.
CREATE TABLE organisation (ods TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE organisation_group (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE system (name TEXT NOT NULL, organisation TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (name, organisation)) STRICT;
CREATE TABLE agreement (
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    recorded_at TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id, version)
) STRICT;
CREATE TABLE relationship (
    patient_key INTEGER NOT NULL,
    ods TEXT NOT NULL,
    kind TEXT NOT NULL,
    starts TEXT NOT NULL,
    ends TEXT,
    source TEXT NOT NULL,
    PRIMARY KEY (patient_key, ods, kind, starts)
) STRICT;
CREATE TABLE preference (
    patient_key INTEGER NOT NULL,
    document_type TEXT,
    publisher TEXT,
    consumer TEXT,
    recorded_on TEXT NOT NULL,
    recorded_by TEXT NOT NULL
) STRICT;
CREATE INDEX preference_by_patient ON preference (patient_key);
-- Raised by every change; gateways read it every 250 ms.
CREATE TABLE epoch (only INTEGER PRIMARY KEY CHECK (only = 1), epoch INTEGER NOT NULL) STRICT;
INSERT INTO epoch VALUES (1, 0);
