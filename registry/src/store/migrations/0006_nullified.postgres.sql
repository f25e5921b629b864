-- Documents that their publisher has nullified: Deprecated, kept for audit, in no answer. In the change
-- feed that is kind 5. The SQLite twin of this file differs in the names of types only.
ALTER TABLE document_entry ADD COLUMN nullified BIGINT NOT NULL DEFAULT 0;
