-- Documents that were taken back, who had seen them, and what became of the notices.
CREATE TABLE incident (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    -- when the gateway heard of it, milliseconds since 1970
    taken_at INTEGER NOT NULL,
    -- the withdrawal as it was told; it names the patient
    body TEXT NOT NULL,
    -- readings up to this record of the audit chain were considered
    seen INTEGER NOT NULL,
    -- when to look again for answers that were on their way, milliseconds since 1970
    look_at INTEGER,
    -- how often that was done
    looks INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX incident_by_id ON incident (id);
CREATE INDEX incident_to_look_at ON incident (look_at) WHERE look_at IS NOT NULL;

CREATE TABLE incident_document (
    unique_id TEXT NOT NULL,
    incident INTEGER NOT NULL,
    PRIMARY KEY (unique_id, incident)
) STRICT, WITHOUT ROWID;

CREATE INDEX incident_document_of ON incident_document (incident);

-- An organisation that has seen the documents or was sent them.
CREATE TABLE affected (
    incident INTEGER NOT NULL,
    organisation TEXT NOT NULL,
    retrieved INTEGER NOT NULL,
    listed INTEGER NOT NULL,
    -- 1 where the documents were addressed to it
    addressed INTEGER NOT NULL,
    -- RFC 3339
    first_at TEXT,
    last_at TEXT,
    state TEXT NOT NULL,
    -- 1 while somebody has to do something
    open INTEGER NOT NULL,
    -- of the notice; the same at each try
    tracking_id TEXT NOT NULL,
    payload_id TEXT NOT NULL,
    -- milliseconds since 1970
    state_at INTEGER NOT NULL,
    -- what the other side said, or why it was settled by hand
    detail TEXT,
    PRIMARY KEY (incident, organisation)
) STRICT, WITHOUT ROWID;
CREATE INDEX affected_open ON affected (incident) WHERE open = 1;
