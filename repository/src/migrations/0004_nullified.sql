-- When its publisher nullified a document: its bytes stay for audit and are handed out to nobody.
ALTER TABLE document ADD COLUMN nullified_at TEXT;
