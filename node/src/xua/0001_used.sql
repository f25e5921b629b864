CREATE TABLE used (
    issuer TEXT NOT NULL,
    id TEXT NOT NULL,
    -- SHA-256 of the client certificate that showed it first.
    presented_by TEXT,
    -- Milliseconds since 1970.
    expires INTEGER NOT NULL,
    PRIMARY KEY (issuer, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX used_expires ON used (expires);
