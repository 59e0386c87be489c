-- The catalogue of counsellors and how each of them stands.
CREATE TABLE counselors (
    number               INTEGER PRIMARY KEY,
    uuid                 BLOB NOT NULL UNIQUE,
    account              BLOB NOT NULL,
    character_type_id    INTEGER NOT NULL,
    -- A JSON list of numbers.
    counseling_fields    TEXT NOT NULL,
    max_active           INTEGER,
    active               INTEGER NOT NULL,
    status               TEXT NOT NULL,
    status_changed_at    INTEGER NOT NULL,
    waiting_since        INTEGER,
    last_ended_at        INTEGER,
    active_consultations INTEGER NOT NULL,
    -- Since when no notification socket is open; null while one is.
    unreachable_since    INTEGER
) STRICT;
CREATE INDEX counselors_by_account ON counselors (account);

-- Open notification sockets, with the node that holds each.
CREATE TABLE counselor_sockets (
    connection BLOB PRIMARY KEY,
    counselor  BLOB NOT NULL,
    node       BLOB NOT NULL,
    opened_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX counselor_sockets_by_counselor ON counselor_sockets (counselor);
