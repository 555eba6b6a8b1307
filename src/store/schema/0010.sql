-- Version 10. What people accepted as the normal state of their network; how long devices are quiet by habit; which frames were let go, and why.
-- What columns mean stands here and not among them: SQLite keeps the text of a table, and the fewer pages that has, the fewer can be damaged.

-- The one with the highest number is the reference. `at_ns` is of the clock on the wall, `heard_ns` the time of the last frame that the store had heard
-- then, `version` that of the program; `devices` are lines of nameplate.asset/1 and nameplate.event/1, compressed (RFC 8878).
CREATE TABLE baselines (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, note TEXT NOT NULL, by TEXT NOT NULL, at_ns INTEGER NOT NULL, heard_ns INTEGER,
    version TEXT NOT NULL, assets INTEGER NOT NULL, devices BLOB NOT NULL
) STRICT;

-- `protocol` is empty when none was recognised.
CREATE TABLE baseline_talks (
    baseline INTEGER NOT NULL REFERENCES baselines (number), client INTEGER NOT NULL REFERENCES subjects (id),
    server INTEGER NOT NULL REFERENCES subjects (id), port TEXT NOT NULL, protocol TEXT NOT NULL, first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL,
    PRIMARY KEY (baseline, client, server, port, protocol)
) STRICT;

-- The longest time that a device (16 bytes) was quiet and came back.
CREATE TABLE habits (asset BLOB PRIMARY KEY, longest_ns INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- Frames of a capture that went because they were too old, to make room, or found none when they came: the lowest and the highest of their numbers, how
-- many they were, and when that happened last, by the clock on the wall.
CREATE TABLE frames_let_go (
    capture INTEGER NOT NULL REFERENCES captures (number), why TEXT NOT NULL CHECK (why IN ('age', 'room', 'no_room')), first INTEGER NOT NULL,
    last INTEGER NOT NULL, frames INTEGER NOT NULL, at_ns INTEGER NOT NULL, PRIMARY KEY (capture, why)
) STRICT, WITHOUT ROWID;
