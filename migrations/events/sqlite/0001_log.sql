-- The log of events. Rows are only ever added.

-- Categories of streams (the part of a name before its first hyphen), as small integers.
CREATE TABLE categories (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- Types of events with the version of their payload's shape, as small integers.
CREATE TABLE types (
    id      INTEGER PRIMARY KEY,
    type    TEXT NOT NULL,
    version TEXT NOT NULL,
    UNIQUE (type, version)
) STRICT;

CREATE TABLE events (
    -- The place in the one order, from 1 without a gap. It is the rowid, given by the writer.
    position    INTEGER PRIMARY KEY,
    category    INTEGER NOT NULL,
    -- The rest of the stream's name: a UUID as 16 bytes, two of them joined by a hyphen as 32
    -- bytes, any other text as text, and the integer 0 where the name has no hyphen.
    key         ANY NOT NULL,
    -- From 1 without a gap within the stream.
    sequence    INTEGER NOT NULL,
    -- A UUIDv7, so that its index grows at one end.
    event_id    BLOB NOT NULL,
    -- Hash of caller, scope and client key, only on events of commands that carried one.
    dedupe      BLOB,
    type        INTEGER NOT NULL,
    -- Only on events copied from a store with other positions: the number they had there.
    number      INTEGER,
    -- Microseconds since the Unix epoch, never below the row before.
    recorded_at INTEGER NOT NULL,
    metadata    BLOB NOT NULL,
    payload     BLOB NOT NULL,
    -- The sealed parts, all in one; NULL where there is none.
    parts       BLOB
) STRICT;

CREATE UNIQUE INDEX events_by_stream ON events (category, key, sequence);
CREATE UNIQUE INDEX events_by_id ON events (event_id);
CREATE UNIQUE INDEX events_by_dedupe ON events (dedupe) WHERE dedupe IS NOT NULL;
