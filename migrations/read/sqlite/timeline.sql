-- Which events concern whom, for those who come back. Messages are not here: they have an index
-- of their own.
CREATE TABLE timeline (
    -- One byte for the kind, then the UUID.
    topic    BLOB NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (topic, position)
) STRICT, WITHOUT ROWID;

-- The topic of the consultation that a room belongs to.
CREATE TABLE timeline_rooms (
    room  BLOB PRIMARY KEY,
    topic BLOB NOT NULL
) STRICT, WITHOUT ROWID;
