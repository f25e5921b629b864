-- Who did what, when, to which version. Versions and deeds are only ever added.
CREATE TRIGGER agreement_stays BEFORE UPDATE ON agreement
BEGIN SELECT RAISE(ABORT, 'a version of an agreement is never changed'); END;
CREATE TRIGGER agreement_remains BEFORE DELETE ON agreement
BEGIN SELECT RAISE(ABORT, 'a version of an agreement is never deleted'); END;

-- Every version of what stands beside agreements; the newest is also in the table of its kind.
CREATE TABLE region_version (
    -- organisation, organisation_group, system, role, tier, policy
    kind TEXT NOT NULL,
    -- the columns of its primary key, with a space between
    key TEXT NOT NULL,
    version INTEGER NOT NULL,
    -- YYYYMMDDhhmmss, UTC
    recorded_at TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, key, version)
) STRICT;
INSERT INTO region_version SELECT 'organisation', ods, 1, strftime('%Y%m%d%H%M%S', 'now'), body FROM organisation;
INSERT INTO region_version SELECT 'organisation_group', name, 1, strftime('%Y%m%d%H%M%S', 'now'), body FROM organisation_group;
INSERT INTO region_version SELECT 'system', name || ' ' || organisation, 1, strftime('%Y%m%d%H%M%S', 'now'), body FROM system;
INSERT INTO region_version SELECT 'role', name, 1, strftime('%Y%m%d%H%M%S', 'now'), body FROM role;
INSERT INTO region_version SELECT 'tier', name, 1, strftime('%Y%m%d%H%M%S', 'now'), body FROM tier;
INSERT INTO region_version SELECT 'policy', name, 1, strftime('%Y%m%d%H%M%S', 'now'), body FROM policy;
CREATE TRIGGER region_version_stays BEFORE UPDATE ON region_version
BEGIN SELECT RAISE(ABORT, 'a version is never changed'); END;
CREATE TRIGGER region_version_remains BEFORE DELETE ON region_version
BEGIN SELECT RAISE(ABORT, 'a version is never deleted'); END;

CREATE TABLE deed (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    -- YYYYMMDDhhmmss, UTC
    at TEXT NOT NULL,
    -- agreement, or a kind of region_version
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    -- offer, request, approve, refuse, suspend, resume, amend, withdraw, join, evidence, clone, apply
    action TEXT NOT NULL,
    person TEXT NOT NULL,
    organisation TEXT,
    reason TEXT NOT NULL,
    -- what came of it
    what TEXT NOT NULL
) STRICT;
CREATE INDEX deed_of ON deed (id, seq);
CREATE TRIGGER deed_stays BEFORE UPDATE ON deed
BEGIN SELECT RAISE(ABORT, 'what was done is never changed'); END;
CREATE TRIGGER deed_remains BEFORE DELETE ON deed
BEGIN SELECT RAISE(ABORT, 'what was done is never deleted'); END;
