-- The advisories of an appliance: bundles that were imported, and documents that people added. What a bundle held is dropped
-- when enough later ones were imported; that it was here, and when it was in use, stays.

CREATE TABLE contents (
    number      INTEGER PRIMARY KEY,
    sha256      TEXT    NOT NULL UNIQUE,          -- of the content unpacked
    size        INTEGER NOT NULL,                 -- bytes unpacked
    packed      BLOB    NOT NULL                  -- zstd
) STRICT;

CREATE TABLE bundles (
    number      INTEGER PRIMARY KEY,              -- from 1
    sha256      TEXT    NOT NULL UNIQUE,          -- of the file
    built       TEXT    NOT NULL,                 -- when its knowledge is of, as it says itself
    builder     TEXT    NOT NULL,
    signer      TEXT,                             -- identifier of the key; NULL for one that nobody signed
    origin      TEXT    NOT NULL,                 -- where it was imported from
    by          TEXT    NOT NULL,
    at_ns       INTEGER NOT NULL,                 -- of the clock on the wall
    documents   INTEGER NOT NULL,                 -- how many it held
    is_kept     INTEGER NOT NULL DEFAULT 1        -- whether its content is still here
) STRICT;

-- Which bundle was in use from when on; the last row counts. Rows are never changed.
CREATE TABLE bundle_turns (
    number      INTEGER PRIMARY KEY,              -- from 1
    bundle      INTEGER REFERENCES bundles (number), -- NULL: none, the advisories of the program itself
    back        INTEGER NOT NULL,                 -- the turn that a rollback goes back to; 0 for the time before all
    by          TEXT    NOT NULL,
    at_ns       INTEGER NOT NULL
) STRICT;

CREATE TABLE holdings (
    number      INTEGER PRIMARY KEY,
    bundle      INTEGER REFERENCES bundles (number), -- NULL for what a person added
    kind        TEXT    NOT NULL CHECK (kind IN ('csaf', 'kev', 'epss', 'oui', 'lifecycle')),
    name        TEXT    NOT NULL,                 -- of its file
    id          TEXT    NOT NULL,                 -- of a document; '' for other kinds
    revision    TEXT    NOT NULL,
    date        TEXT    NOT NULL,                 -- when this revision was released, or what the data is of
    origin      TEXT    NOT NULL,
    substance   BLOB    NOT NULL,                 -- hash of what of a document decides verdicts; empty for other kinds
    content     INTEGER NOT NULL REFERENCES contents (number),
    by          TEXT,                             -- who added it, where no bundle did
    at_ns       INTEGER
) STRICT;

CREATE INDEX holdings_by_bundle ON holdings (bundle);
CREATE INDEX holdings_by_id ON holdings (id);
CREATE INDEX holdings_by_content ON holdings (content);
