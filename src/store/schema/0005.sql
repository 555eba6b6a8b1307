-- What people decided about devices, and which lists of devices were imported. Nothing here is ever changed or deleted:
-- what is undone gets a row that undoes it.

CREATE TABLE decisions (
    number      INTEGER PRIMARY KEY,              -- from 1
    deed        TEXT    NOT NULL CHECK (deed IN ('together', 'apart', 'set', 'undo')),
    a           INTEGER REFERENCES subjects (id), -- one sighting; for 'set' the device or part
    a_ns        INTEGER,                          -- a time at which the device had that address
    b           INTEGER REFERENCES subjects (id), -- the other sighting
    b_ns        INTEGER,
    field       TEXT,                             -- for 'set'
    value       TEXT,                             -- for 'set'; '' takes back what was said
    undoes      INTEGER REFERENCES decisions (number),
    by          TEXT    NOT NULL,
    why         TEXT    NOT NULL,
    at_ns       INTEGER NOT NULL,                 -- of the clock on the wall
    CHECK ((deed IN ('together', 'apart')) = (b IS NOT NULL)),
    CHECK ((deed = 'set') = (field IS NOT NULL AND value IS NOT NULL)),
    CHECK ((deed = 'undo') = (undoes IS NOT NULL)),
    CHECK ((deed = 'undo') = (a IS NULL))
) STRICT;

CREATE TRIGGER decisions_stay BEFORE DELETE ON decisions
BEGIN SELECT raise(ABORT, 'decisions are undone, never deleted'); END;

CREATE TRIGGER decisions_are_final BEFORE UPDATE ON decisions
BEGIN SELECT raise(ABORT, 'decisions are undone, never changed'); END;

CREATE TABLE imports (
    capture     INTEGER PRIMARY KEY REFERENCES captures (number),
    by          TEXT    NOT NULL,
    why         TEXT    NOT NULL,
    at_ns       INTEGER NOT NULL,                 -- of the clock on the wall
    as_of_ns    INTEGER NOT NULL                  -- when the list was true
) STRICT;
