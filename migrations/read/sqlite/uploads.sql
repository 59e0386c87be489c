-- Uploads, and to which messages they belong.
CREATE TABLE uploads (
    number        INTEGER PRIMARY KEY,
    uuid          BLOB NOT NULL UNIQUE,
    -- By which the object store knows it.
    object        BLOB NOT NULL UNIQUE,
    owner         BLOB NOT NULL,
    -- The uuid of the room that it was brought to, then of its message.
    room          BLOB,
    size          INTEGER NOT NULL,
    media_type    TEXT NOT NULL,
    kind          TEXT NOT NULL,
    details       BLOB NOT NULL,
    stored_at     INTEGER NOT NULL,
    message       BLOB,
    -- The UTC day of its message, in days since 1970-01-01.
    day           INTEGER,
    -- When its message was deleted.
    deleted_at    INTEGER,
    -- When its message's day was destroyed.
    destroyed_at  INTEGER,
    erased_at     INTEGER,
    -- The position at which it was erased.
    erased        INTEGER
) STRICT;
CREATE INDEX uploads_by_message ON uploads (message) WHERE message IS NOT NULL;
CREATE INDEX uploads_by_day ON uploads (room, day) WHERE day IS NOT NULL;
CREATE INDEX uploads_by_room ON uploads (room, number) WHERE room IS NOT NULL;
CREATE INDEX uploads_of ON uploads (owner, number);
-- What counts against the quota of its owner.
CREATE INDEX uploads_by_owner ON uploads (owner, size) WHERE erased_at IS NULL;
CREATE INDEX uploads_unattached ON uploads (stored_at)
    WHERE message IS NULL AND erased_at IS NULL;
CREATE INDEX uploads_destroyed ON uploads (destroyed_at)
    WHERE destroyed_at IS NOT NULL AND erased_at IS NULL;
CREATE INDEX uploads_erased ON uploads (erased) WHERE erased IS NOT NULL;
