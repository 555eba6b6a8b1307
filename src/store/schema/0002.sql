-- Version 2. Sightings are kept for each MAC address that packets of a node came from.

CREATE TABLE sightings_by_mac (
    subject     INTEGER NOT NULL REFERENCES subjects (id),
    mac         BLOB    NOT NULL,                 -- empty where it is not known
    first_ns    INTEGER NOT NULL,
    last_ns     INTEGER NOT NULL,
    PRIMARY KEY (subject, mac)
) STRICT, WITHOUT ROWID;

INSERT INTO sightings_by_mac SELECT subject, x'', first_ns, last_ns FROM sightings;
DROP TABLE sightings;
ALTER TABLE sightings_by_mac RENAME TO sightings;
