-- Version 2. Sites have names; what is in `subjects.site` refers to them.

CREATE TABLE sites (
    number      INTEGER PRIMARY KEY,              -- from 1; a name keeps its number. 0 is the site without a name
    name        TEXT    NOT NULL UNIQUE
) STRICT;

ALTER TABLE assets ADD COLUMN sites TEXT NOT NULL DEFAULT '[]';  -- JSON list of names
