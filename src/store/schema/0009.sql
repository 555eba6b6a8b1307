-- Version 9. A sensor writes for years: what it hears on an interface from start to stop is a capture without a file; frames are kept as
-- evidence, and what was worth telling. This version is put in with foreign keys off, and checked then.

CREATE TABLE captures_of_all_kinds (
    number      INTEGER PRIMARY KEY,              -- evidence refers to captures by this; a number is never given twice
    sha256      TEXT    UNIQUE,                   -- of the file as it lay on disk; NULL for a session of a sensor
    name        TEXT    NOT NULL,
    frames      INTEGER NOT NULL,
    bytes       INTEGER NOT NULL,
    first_ns    INTEGER,                          -- nanoseconds since 1970, UTC
    last_ns     INTEGER,
    incomplete  TEXT                              -- why it does not hold all it should
) STRICT;

INSERT INTO captures_of_all_kinds SELECT number, sha256, name, frames, bytes, first_ns, last_ns, incomplete FROM captures;
DROP TABLE captures;
ALTER TABLE captures_of_all_kinds RENAME TO captures;

CREATE TABLE sessions (
    capture              INTEGER PRIMARY KEY REFERENCES captures (number),
    interface            TEXT    NOT NULL,
    started_ns           INTEGER NOT NULL,        -- of the clock on the wall
    ended_ns             INTEGER,                 -- NULL while it goes on
    received             INTEGER NOT NULL,        -- frames that the kernel handed to the capture, its drops included
    dropped_by_kernel    INTEGER NOT NULL,
    dropped_by_interface INTEGER NOT NULL,
    interruptions        INTEGER NOT NULL,
    unclean              INTEGER NOT NULL         -- 1: the sensor did not stop in order
) STRICT;

CREATE TABLE frames (
    id          INTEGER PRIMARY KEY,              -- in the order in which they were kept, whatever the clock said
    capture     INTEGER NOT NULL REFERENCES captures (number),
    number      INTEGER NOT NULL,
    at_ns       INTEGER NOT NULL,
    link        INTEGER NOT NULL,                 -- LINKTYPE_ value
    wire_len    INTEGER NOT NULL,                 -- more than the bytes kept where they were cut
    bytes       BLOB    NOT NULL,
    UNIQUE (capture, number)
) STRICT;

CREATE INDEX frames_by_time ON frames (at_ns);

-- Which facts a frame proves, so that evidence of nothing is known as such.
CREATE INDEX observations_by_frame ON observations (capture, frame);
CREATE INDEX observations_by_start ON observations (start_capture, start_frame)
    WHERE start_frame <> frame OR start_capture <> capture;

CREATE TABLE notices (
    number      INTEGER PRIMARY KEY AUTOINCREMENT, -- without gaps, and never given twice
    at_ns       INTEGER NOT NULL,                 -- when it happened
    told_ns     INTEGER NOT NULL,                 -- of the clock on the wall
    kind        TEXT    NOT NULL,
    severity    TEXT    NOT NULL,
    site        TEXT    NOT NULL,
    asset       BLOB,                             -- 16 bytes
    name        TEXT    NOT NULL,
    addresses   TEXT    NOT NULL,                 -- JSON list
    finding     BLOB,                             -- 16 bytes
    text        TEXT    NOT NULL,
    details     TEXT    NOT NULL                  -- JSON list of [name, value]
) STRICT;

CREATE INDEX notices_by_time ON notices (told_ns);

-- What the upkeep of the store remembers from one time to the next.
CREATE TABLE upkeep (
    name        TEXT    PRIMARY KEY,
    value       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
