-- Version 1. Observations are the truth; assets, claims and findings are what the program concluded from them,
-- kept for people and tools that read the file.

CREATE TABLE captures (
    number      INTEGER PRIMARY KEY,              -- evidence refers to captures by this
    sha256      TEXT    NOT NULL UNIQUE,          -- of the file as it lay on disk
    name        TEXT    NOT NULL,
    frames      INTEGER NOT NULL,
    bytes       INTEGER NOT NULL,
    first_ns    INTEGER,                          -- nanoseconds since 1970, UTC
    last_ns     INTEGER,
    incomplete  TEXT                              -- why it does not hold all it should
) STRICT;

CREATE TABLE subjects (
    id          INTEGER PRIMARY KEY,
    site        INTEGER NOT NULL,
    outer_vlan  INTEGER NOT NULL,
    vlan        INTEGER NOT NULL,
    address     TEXT    NOT NULL,                 -- IP or MAC address
    unit        TEXT    NOT NULL,                 -- path as JSON; '' for the node itself
    UNIQUE (site, outer_vlan, vlan, address, unit)
) STRICT;

CREATE TABLE observations (
    id             INTEGER PRIMARY KEY,
    subject        INTEGER NOT NULL REFERENCES subjects (id),
    key            TEXT    NOT NULL,
    kind           TEXT    NOT NULL CHECK (kind IN ('text', 'uint', 'bytes')),
    value          ANY     NOT NULL,              -- TEXT, BLOB, or an unsigned number as INTEGER or decimal TEXT
    at_ns          INTEGER NOT NULL,
    capture        INTEGER NOT NULL REFERENCES captures (number),
    frame          INTEGER NOT NULL,
    start_capture  INTEGER NOT NULL,
    start_frame    INTEGER NOT NULL,
    offset         INTEGER NOT NULL,
    length         INTEGER NOT NULL,
    excerpt        BLOB    NOT NULL,
    mac            BLOB,
    UNIQUE (subject, key, value, capture, frame)
) STRICT;

CREATE TABLE sightings (
    subject     INTEGER PRIMARY KEY REFERENCES subjects (id),
    first_ns    INTEGER NOT NULL,
    last_ns     INTEGER NOT NULL
) STRICT;

CREATE TABLE assets (
    id          TEXT PRIMARY KEY,
    identity    TEXT NOT NULL,
    name        TEXT,
    kind        TEXT,
    vendor      TEXT,
    product     TEXT,
    model       TEXT,
    firmware    TEXT,
    serial      TEXT,
    os          TEXT,
    ips         TEXT NOT NULL,                    -- JSON list
    macs        TEXT NOT NULL,                    -- JSON list
    protocols   TEXT NOT NULL,                    -- JSON list
    first_ns    INTEGER NOT NULL,
    last_ns     INTEGER NOT NULL
) STRICT;

CREATE TABLE claims (
    asset       TEXT    NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
    module      TEXT    NOT NULL,                 -- path; '' for the asset itself
    field       TEXT    NOT NULL,
    rank        INTEGER NOT NULL,                 -- 0 is the one shown
    value       TEXT    NOT NULL,
    certainty   TEXT    NOT NULL,
    signature   TEXT    NOT NULL,
    evidence    TEXT    NOT NULL,                 -- JSON list of {capture, frame, key}
    PRIMARY KEY (asset, module, field, rank)
) STRICT;

CREATE TABLE findings (
    id          TEXT PRIMARY KEY,
    asset       TEXT NOT NULL,
    module      TEXT NOT NULL,
    advisory    TEXT NOT NULL,
    cve         TEXT NOT NULL,
    verdict     TEXT NOT NULL CHECK (verdict IN ('affected', 'fixed', 'not_affected', 'cannot_tell')),
    reason      TEXT,
    because     TEXT NOT NULL,                    -- JSON list of sentences
    clause      TEXT NOT NULL,
    grade       TEXT NOT NULL,
    fixed_in    TEXT NOT NULL,                    -- JSON list
    cvss        REAL,
    kev         INTEGER,
    priority    TEXT
) STRICT;

CREATE INDEX findings_by_asset ON findings (asset);

CREATE TABLE runs (
    id          TEXT PRIMARY KEY,                 -- computed from all that decides the result
    version     TEXT NOT NULL,
    captures    TEXT NOT NULL,                    -- JSON list of SHA-256
    bundle      TEXT NOT NULL,                    -- SHA-256 of the advisories
    complete    INTEGER NOT NULL
) STRICT;
