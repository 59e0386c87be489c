-- Messages, by the position at which they were sent.
CREATE TABLE messages (
    position BIGINT PRIMARY KEY,
    -- Only where it differs from the position.
    number   BIGINT,
    uuid     BYTEA NOT NULL,
    -- The room's number.
    room     BIGINT NOT NULL,
    sender   BYTEA NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL,
    reply_to BYTEA,
    body     BYTEA NOT NULL,
    sent_at  BIGINT NOT NULL
);
-- Answers history, what was missed, and what is unread.
CREATE INDEX messages_by_room ON messages (room, position);
CREATE UNIQUE INDEX messages_by_number ON messages (number) WHERE number IS NOT NULL;

-- The number of each room, kept here so that this projection needs no other.
CREATE TABLE message_rooms (
    uuid   BYTEA PRIMARY KEY,
    number BIGINT NOT NULL
);
