CREATE TABLE item (
    -- The order in which items go to one destination.
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    destination TEXT NOT NULL,
    address TEXT NOT NULL,
    reference TEXT NOT NULL,
    occasion TEXT NOT NULL,
    -- The tracking id of the item's own message: acknowledgements of it name it.
    tracking_id TEXT NOT NULL,
    -- JSON of what the envelope is composed of.
    message TEXT NOT NULL,
    -- 0 waiting, 1 delivering, 2 collected, 3 delivered, 4 parked, 5 dropped
    state INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    -- Milliseconds since 1970.
    created_at INTEGER NOT NULL,
    next_at INTEGER NOT NULL DEFAULT 0,
    -- From the first try.
    give_up_at INTEGER,
    settled_at INTEGER,
    -- In the hub's own words.
    last_error TEXT,
    -- What the receiver acknowledged of it, in its own code.
    infrastructure_answer TEXT,
    business_answer TEXT,
    UNIQUE (kind, destination, reference, occasion)
) STRICT;
CREATE INDEX item_open ON item (destination, seq) WHERE state <= 2;
CREATE INDEX item_state ON item (state, created_at);
CREATE INDEX item_settled ON item (settled_at) WHERE state >= 3;
CREATE INDEX item_tracking_id ON item (tracking_id);
CREATE INDEX item_reference ON item (reference);

-- Acknowledgements that came and answer nothing that this outbox has sent to their sender.
CREATE TABLE unmatched (
    seq INTEGER PRIMARY KEY,
    sender TEXT NOT NULL,
    tracking_id TEXT NOT NULL,
    tracking_id_ref TEXT NOT NULL,
    level TEXT NOT NULL,
    answer TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    UNIQUE (sender, tracking_id)
) STRICT;
