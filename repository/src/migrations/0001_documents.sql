-- Which document is which object.
CREATE TABLE document (
    repository_unique_id TEXT NOT NULL,
    unique_id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    sha1 TEXT NOT NULL,
    size INTEGER NOT NULL,
    mime_type TEXT NOT NULL,
    -- 1 pending: stored, not known to be registered; 2 registered
    state INTEGER NOT NULL,
    -- Submissions on their way that rely on this row.
    holds INTEGER NOT NULL,
    stored_at TEXT NOT NULL,
    PRIMARY KEY (repository_unique_id, unique_id)
) STRICT;
CREATE INDEX document_by_object ON document (sha256);
CREATE INDEX document_pending ON document (state) WHERE state = 1;
