-- Version 4. Who talked to whom. Sums cannot be put together twice, as facts can: so they are kept for each capture, and
-- those of one capture come from one scan of it.

CREATE TABLE conversation_scans (
    capture     INTEGER PRIMARY KEY REFERENCES captures (number),
    frames      INTEGER NOT NULL                  -- that the scan read of the capture
) STRICT;

CREATE TABLE conversations (
    capture           INTEGER NOT NULL REFERENCES conversation_scans (capture),
    client            INTEGER NOT NULL REFERENCES subjects (id),
    server            INTEGER NOT NULL REFERENCES subjects (id),
    port              TEXT    NOT NULL,           -- 'tcp/502', 'udp/2222', 'ether/88cc', 'tcp/dynamic'
    protocol          TEXT    NOT NULL,           -- '' where none was recognised
    first_ns          INTEGER NOT NULL,
    last_ns           INTEGER NOT NULL,
    packets_to_server INTEGER NOT NULL,
    packets_to_client INTEGER NOT NULL,
    bytes_to_server   INTEGER NOT NULL,           -- on the wire
    bytes_to_client   INTEGER NOT NULL,
    identify          INTEGER NOT NULL,           -- requests that ask what the server is
    read              INTEGER NOT NULL,
    write             INTEGER NOT NULL,
    control           INTEGER NOT NULL,
    program           INTEGER NOT NULL,
    PRIMARY KEY (capture, client, server, port, protocol)
) STRICT, WITHOUT ROWID;
