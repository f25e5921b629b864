-- What became of each document that a publisher sent; it names no patient and no document.
CREATE TABLE quality (
    id INTEGER PRIMARY KEY,
    publisher TEXT NOT NULL,
    -- Name of the document type, a code, or '' where it is not known.
    document_type TEXT NOT NULL,
    -- Monday of the ISO week of its arrival, YYYYMMDD: weeks are compared as text.
    week TEXT NOT NULL,
    route TEXT NOT NULL,
    outcome TEXT NOT NULL,
    -- From the end of the event to registration; NULL where it is not known.
    late_minutes INTEGER,
    -- 0 or 1; NULL where it is not known.
    unstructured INTEGER,
    -- Mandatory headings by their titles, each between two line feeds; NULL where no standard is known.
    missing TEXT,
    blank TEXT,
    -- A digest by which a submission that comes again is counted once.
    mark TEXT UNIQUE
) STRICT;
CREATE INDEX quality_week ON quality (week, publisher);
