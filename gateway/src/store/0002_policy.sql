-- Job roles, their tiers, and what the region has decided for all of its members.
CREATE TABLE role (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE tier (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE policy (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
