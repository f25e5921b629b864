-- Documents that were removed and of which the gateway has not been told yet.
CREATE TABLE withdrawal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    -- as it is told
    body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX withdrawal_by_id ON withdrawal (id);
