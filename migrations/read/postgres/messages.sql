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
    -- The number of the message that it answers.
    reply_number BIGINT,
    -- The upload.
    file     BYTEA,
    -- Null once it is deleted.
    body     BYTEA,
    sent_at  BIGINT NOT NULL,
    edited_at BIGINT,
    deleted_at BIGINT
);
-- Answers history, what was missed, and what is unread, which is counted from it alone.
CREATE INDEX messages_by_room ON messages (room, position, sender, deleted_at);
CREATE UNIQUE INDEX messages_by_number ON messages (number) WHERE number IS NOT NULL;

-- The number of each room, kept here so that this projection needs no other.
CREATE TABLE message_rooms (
    uuid   BYTEA PRIMARY KEY,
    number BIGINT NOT NULL
);
