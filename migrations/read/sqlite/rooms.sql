-- Rooms and who is in them.
CREATE TABLE rooms (
    number           INTEGER PRIMARY KEY,
    uuid             BLOB NOT NULL UNIQUE,
    kind             TEXT NOT NULL,
    consultation     BLOB,
    creator          BLOB NOT NULL,
    max_participants INTEGER NOT NULL,
    opened_at        INTEGER NOT NULL,
    closed_at        INTEGER
) STRICT;
CREATE INDEX rooms_by_consultation ON rooms (consultation) WHERE consultation IS NOT NULL;

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
    PRIMARY KEY (room, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_person ON members (person, room);
