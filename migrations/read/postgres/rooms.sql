-- Rooms and who is in them.
CREATE TABLE rooms (
    number           BIGINT PRIMARY KEY,
    uuid             BYTEA NOT NULL UNIQUE,
    kind             TEXT COLLATE "C" NOT NULL,
    consultation     BYTEA,
    creator          BYTEA NOT NULL,
    max_participants BIGINT NOT NULL,
    opened_at        BIGINT NOT NULL,
    closed_at        BIGINT,
    -- What it says of itself; sealed.
    description      BYTEA,
    retention_days   BIGINT NOT NULL,
    auto_delete      BIGINT NOT NULL,
    -- When something other than a message last happened to it; messages are asked for their own.
    changed_at       BIGINT NOT NULL,
    -- The transaction elsewhere that it is about; sealed.
    booking          BYTEA
);
CREATE INDEX rooms_by_consultation ON rooms (consultation) WHERE consultation IS NOT NULL;
-- Those that destroy what is older than they keep it.
CREATE INDEX rooms_forgetful ON rooms (number) WHERE auto_delete = 1;

CREATE TABLE members (
    -- The room's number.
    room             BIGINT NOT NULL,
    person           BYTEA NOT NULL,
    number           BIGINT NOT NULL,
    role             TEXT COLLATE "C" NOT NULL,
    joined_at        BIGINT NOT NULL,
    joined_position  BIGINT NOT NULL,
    removed_at       BIGINT,
    -- Everything up to this number was read. Joining sets it to the joining.
    read_number      BIGINT NOT NULL,
    read_at          BIGINT,
    delivered_number BIGINT NOT NULL,
    notification_enabled BIGINT NOT NULL,
    read_receipt_enabled BIGINT NOT NULL,
    PRIMARY KEY (room, person)
);
CREATE INDEX members_by_person ON members (person, room);
