-- Who published a document (ODS code; empty where it was stored before this was noted), and
-- whether another organisation has published the same one too.
ALTER TABLE document ADD COLUMN publisher_ods TEXT NOT NULL DEFAULT '';
ALTER TABLE document ADD COLUMN shared INTEGER NOT NULL DEFAULT 0;

-- What is left of a document that its publisher removed (ITI-86).
CREATE TABLE removed_document (
    repository_unique_id TEXT NOT NULL,
    unique_id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    sha1 TEXT NOT NULL,
    size INTEGER NOT NULL,
    mime_type TEXT NOT NULL,
    publisher_ods TEXT NOT NULL,
    removed_at TEXT NOT NULL,
    -- The system (subject CN) that asked.
    removed_by TEXT NOT NULL,
    PRIMARY KEY (repository_unique_id, unique_id)
) STRICT;
