-- Uploads, and to which messages they belong.
CREATE TABLE uploads (
    number        BIGINT PRIMARY KEY,
    uuid          BYTEA NOT NULL UNIQUE,
    -- By which the object store knows it.
    object        BYTEA NOT NULL UNIQUE,
    owner         BYTEA NOT NULL,
    -- The uuid of the room that it was brought to, then of its message.
    room          BYTEA,
    size          BIGINT NOT NULL,
    media_type    TEXT COLLATE "C" NOT NULL,
    kind          TEXT COLLATE "C" NOT NULL,
    details       BYTEA NOT NULL,
    stored_at     BIGINT NOT NULL,
    message       BYTEA,
    -- The UTC day of its message, in days since 1970-01-01.
    day           BIGINT,
    -- When its message was deleted.
    deleted_at    BIGINT,
    -- When its message's day was destroyed.
    destroyed_at  BIGINT,
    erased_at     BIGINT,
    -- The position at which it was erased.
    erased        BIGINT
);
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
