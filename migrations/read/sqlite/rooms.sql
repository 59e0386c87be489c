-- Rooms and who is in them.
CREATE TABLE rooms (
    number           INTEGER PRIMARY KEY,
    uuid             BLOB NOT NULL UNIQUE,
    kind             TEXT NOT NULL,
    consultation     BLOB,
    creator          BLOB NOT NULL,
    max_participants INTEGER NOT NULL,
    opened_at        INTEGER NOT NULL,
    closed_at        INTEGER,
    -- What it says of itself; sealed.
    description      BLOB,
    retention_days   INTEGER NOT NULL,
    auto_delete      INTEGER NOT NULL,
    -- When something other than a message last happened to it; messages are asked for their own.
    changed_at       INTEGER NOT NULL,
    -- The transaction elsewhere that it is about; sealed.
    booking          BLOB
) STRICT;
CREATE INDEX rooms_by_consultation ON rooms (consultation) WHERE consultation IS NOT NULL;
-- Those that destroy what is older than they keep it.
CREATE INDEX rooms_forgetful ON rooms (number) WHERE auto_delete = 1;

CREATE TABLE members (
    -- The room's number.
    room             INTEGER NOT NULL,
    person           BLOB NOT NULL,
    number           INTEGER NOT NULL,
    role             TEXT NOT NULL,
    joined_at        INTEGER NOT NULL,
    joined_position  INTEGER NOT NULL,
    removed_at       INTEGER,
    -- Everything up to this number was read. Joining sets it to the joining.
    read_number      INTEGER NOT NULL,
    read_at          INTEGER,
    delivered_number INTEGER NOT NULL,
    notification_enabled INTEGER NOT NULL,
    read_receipt_enabled INTEGER NOT NULL,
    PRIMARY KEY (room, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_person ON members (person, room);
