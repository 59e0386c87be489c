-- What types of events there are, so that a release that does not know one of them finds it at its
-- start. Kept up to date by each start, from where the one before had come.

CREATE TABLE event_types (
    event_type    TEXT COLLATE "C" NOT NULL,
    event_version TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (event_type, event_version)
);

-- One row: all events up to here were looked at.
CREATE TABLE event_types_seen (
    id       BOOLEAN PRIMARY KEY CHECK (id),
    position BIGINT NOT NULL
);

INSERT INTO event_types_seen (id, position) VALUES (true, 0);
