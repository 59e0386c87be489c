-- Messages, by the position at which they were sent.
CREATE TABLE messages (
    position INTEGER PRIMARY KEY,
    -- Only where it differs from the position.
    number   INTEGER,
    uuid     BLOB NOT NULL,
    -- The room's number.
    room     INTEGER NOT NULL,
    sender   BLOB NOT NULL,
    kind     TEXT NOT NULL,
    reply_to BLOB,
    -- The number of the message that it answers.
    reply_number INTEGER,
    -- The upload.
    file     BLOB,
    -- Null once it is deleted.
    body     BLOB,
    sent_at  INTEGER NOT NULL,
    edited_at INTEGER,
    deleted_at INTEGER
) STRICT;
-- Answers history, what was missed, and what is unread, which is counted from it alone.
CREATE INDEX messages_by_room ON messages (room, position, sender, deleted_at);
CREATE UNIQUE INDEX messages_by_number ON messages (number) WHERE number IS NOT NULL;

-- The number of each room, kept here so that this projection needs no other.
CREATE TABLE message_rooms (
    uuid   BLOB PRIMARY KEY,
    number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
