-- The log of events. Rows are only ever added.

CREATE TABLE events (
    -- The place in the one order, from 1 without a gap, given under the lock of log_head. There is
    -- no default, so that nobody else appends by accident.
    position       BIGINT NOT NULL,
    -- The category of the stream: the part of its name before the first hyphen.
    aggregate_type TEXT COLLATE "C" NOT NULL,
    -- The rest of the name; empty where it has no hyphen. A rest that is nothing but hyphens, or
    -- empty after a hyphen, stands here with one hyphen more.
    aggregate_id   TEXT COLLATE "C" NOT NULL,
    -- From 1 without a gap within the stream.
    sequence       BIGINT NOT NULL,
    -- A UUIDv7, so that its index grows at one end.
    event_id       UUID NOT NULL,
    -- Hash of caller, scope and client key, only on events of commands that carried one.
    dedupe         BYTEA,
    event_type     TEXT COLLATE "C" NOT NULL,
    -- Semantic version of the payload's shape.
    event_version  TEXT COLLATE "C" NOT NULL,
    -- Only on events copied from a store with other positions: the number they had there.
    number         BIGINT,
    -- Microseconds since the Unix epoch, never below the row before.
    recorded_at    BIGINT NOT NULL,
    -- JSON and not JSONB: it must come back byte by byte, since seals hash it.
    payload        JSON NOT NULL,
    metadata       JSON NOT NULL,
    -- The sealed parts, all in one; NULL where there is none.
    parts          BYTEA,
    CONSTRAINT events_by_position PRIMARY KEY (position),
    CONSTRAINT events_by_stream UNIQUE (aggregate_type, aggregate_id, sequence),
    CONSTRAINT events_by_id UNIQUE (event_id),
    CONSTRAINT positions_begin_at_one CHECK (position > 0),
    CONSTRAINT sequences_begin_at_one CHECK (sequence > 0)
);

CREATE UNIQUE INDEX events_by_dedupe ON events (dedupe) WHERE dedupe IS NOT NULL;

-- One row, which whoever appends locks until its commit: so positions are given, and become
-- visible, in one order. It is locked and never updated: while anything holds an old snapshot (a
-- backup, a comparison), each update would leave a dead row that every append after it walks past.
CREATE TABLE log_head (
    id BOOLEAN PRIMARY KEY CHECK (id)
);

INSERT INTO log_head (id) VALUES (true);
