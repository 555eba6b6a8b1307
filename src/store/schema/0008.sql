-- What people did about findings and patches, and the lists of patches that they imported. Nothing here is ever changed or
-- deleted: what is undone gets a row that undoes it.

CREATE TABLE handlings (
    number        INTEGER PRIMARY KEY,              -- from 1
    measure       TEXT    NOT NULL CHECK (measure IN ('decide', 'state', 'automatic', 'undo')),
    subject       INTEGER REFERENCES subjects (id), -- the device by a sighting, and its part
    subject_ns    INTEGER,                          -- a time at which the device had that address
    advisory      TEXT,
    cves          TEXT,                             -- a JSON array
    choice        TEXT,                             -- for 'decide'
    justification TEXT,
    due_ns        INTEGER,
    expires_ns    INTEGER,
    state_from    TEXT,                             -- for 'state'
    state_to      TEXT,
    observed      INTEGER NOT NULL DEFAULT 0,       -- the new state was seen on the wire
    automatic     INTEGER,                          -- for 'automatic': on or off
    undoes        INTEGER REFERENCES handlings (number),
    verdict       TEXT,                             -- how the finding stood then
    version       TEXT,
    serial        TEXT,
    model         TEXT,
    substance     BLOB,
    fixed_in      TEXT,                             -- a JSON array
    evidence      TEXT,
    seen_ns       INTEGER,
    by            TEXT    NOT NULL,
    why           TEXT    NOT NULL,
    at_ns         INTEGER NOT NULL,                 -- of the clock on the wall
    CHECK ((measure = 'decide') = (choice IS NOT NULL)),
    CHECK ((measure = 'state') = (state_to IS NOT NULL)),
    CHECK ((measure = 'automatic') = (automatic IS NOT NULL)),
    CHECK ((measure = 'undo') = (undoes IS NOT NULL)),
    CHECK ((measure IN ('decide', 'state')) = (subject IS NOT NULL))
) STRICT;

CREATE TRIGGER handlings_stay BEFORE DELETE ON handlings
BEGIN SELECT raise(ABORT, 'what was decided is undone, never deleted'); END;

CREATE TRIGGER handlings_are_final BEFORE UPDATE ON handlings
BEGIN SELECT raise(ABORT, 'what was decided is undone, never changed'); END;

CREATE TABLE patch_lists (
    number        INTEGER PRIMARY KEY,              -- from 1
    name          TEXT    NOT NULL,
    sha256        TEXT    NOT NULL UNIQUE,
    by            TEXT    NOT NULL,
    why           TEXT    NOT NULL,
    at_ns         INTEGER NOT NULL                  -- of the clock on the wall
) STRICT;

CREATE TABLE patch_rows (
    list          INTEGER NOT NULL REFERENCES patch_lists (number),
    row           INTEGER NOT NULL,
    state         TEXT,
    said          TEXT    NOT NULL,                 -- a JSON object, by the names of columns
    PRIMARY KEY (list, row)
) STRICT;

CREATE TRIGGER patch_lists_stay BEFORE DELETE ON patch_lists
BEGIN SELECT raise(ABORT, 'a later list counts instead, none is deleted'); END;

CREATE TRIGGER patch_lists_are_final BEFORE UPDATE ON patch_lists
BEGIN SELECT raise(ABORT, 'a later list counts instead, none is changed'); END;

CREATE TRIGGER patch_rows_stay BEFORE DELETE ON patch_rows
BEGIN SELECT raise(ABORT, 'a later row counts instead, none is deleted'); END;

CREATE TRIGGER patch_rows_are_final BEFORE UPDATE ON patch_rows
BEGIN SELECT raise(ABORT, 'a later row counts instead, none is changed'); END;
