-- What people say about advisories, and when devices were matched with them. Nothing here is ever changed or deleted: what is
-- taken back gets a row that takes it back.

CREATE TABLE marks (
    number      INTEGER PRIMARY KEY,              -- from 1
    document    TEXT    NOT NULL,                 -- tracking identifier
    revision    TEXT    NOT NULL,                 -- the one that counted then
    released    TEXT    NOT NULL,                 -- its date, as the document writes it
    substance   BLOB    NOT NULL,                 -- SHA-256 of what of it decides verdicts
    marking     TEXT    NOT NULL CHECK (marking IN ('comment', 'read', 'unread', 'deleted', 'restored')),
    text        TEXT    NOT NULL,                 -- the comment, or the reason
    by          TEXT    NOT NULL,
    at_ns       INTEGER NOT NULL                  -- of the clock on the wall
) STRICT;

CREATE INDEX marks_by_document ON marks (document, number);

CREATE TRIGGER marks_stay BEFORE DELETE ON marks
BEGIN SELECT raise(ABORT, 'marks are taken back, never deleted'); END;

CREATE TRIGGER marks_are_final BEFORE UPDATE ON marks
BEGIN SELECT raise(ABORT, 'marks are taken back, never changed'); END;

CREATE TABLE matchings (
    number       INTEGER PRIMARY KEY,             -- from 1
    at_ns        INTEGER NOT NULL,                -- of the clock on the wall
    trigger      TEXT    NOT NULL CHECK (trigger IN ('manual', 'automatic')),
    scope        TEXT    NOT NULL,                -- which documents and devices were asked for; '' for all
    version      TEXT    NOT NULL,                -- of the program
    bundle       TEXT    NOT NULL,                -- SHA-256 of the advisories
    origin       TEXT    NOT NULL,                -- where they came from
    documents    INTEGER NOT NULL,
    assets       INTEGER NOT NULL,
    affected     INTEGER NOT NULL,
    cannot_tell  INTEGER NOT NULL,
    fixed        INTEGER NOT NULL,
    not_affected INTEGER NOT NULL,
    opened       INTEGER NOT NULL,
    changed      INTEGER NOT NULL,
    closed       INTEGER NOT NULL
) STRICT;
