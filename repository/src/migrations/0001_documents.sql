-- Which document is which object.
CREATE TABLE document (
    repository_unique_id TEXT NOT NULL,
    unique_id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    sha1 TEXT NOT NULL,
    size INTEGER NOT NULL,
    mime_type TEXT NOT NULL,
    -- 1 pending: a submission is on its way; 2 registered; 3 unknown: the registry did not answer
    -- or a process stopped, and only asking the registry settles it
    state INTEGER NOT NULL,
    -- Submissions on their way that rely on this row.
    holds INTEGER NOT NULL,
    stored_at TEXT NOT NULL,
    PRIMARY KEY (repository_unique_id, unique_id)
) STRICT;
CREATE INDEX document_by_object ON document (sha256);
CREATE INDEX document_unknown ON document (state) WHERE state = 3;
