-- Which events concern whom, for those who come back. Messages are not here: they have an index
-- of their own.
CREATE TABLE timeline (
    -- One byte for the kind, then the UUID.
    topic    BYTEA NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (topic, position)
);

-- The topic of the consultation that a room belongs to.
CREATE TABLE timeline_rooms (
    room  BYTEA PRIMARY KEY,
    topic BYTEA NOT NULL
);
