-- Consultations, from the request to the rating.
CREATE TABLE consultations (
    number                    INTEGER PRIMARY KEY,
    uuid                      BLOB NOT NULL UNIQUE,
    requester_kind            TEXT NOT NULL,
    -- The person that the requester is in the room.
    requester                 BLOB NOT NULL,
    request                   BLOB NOT NULL,
    -- The latest change of the nickname; null while the request's holds.
    nickname                  BLOB,
    character_type_preference INTEGER,
    quick_match               INTEGER NOT NULL,
    status                    TEXT NOT NULL,
    counselor                 BLOB,
    -- Who had it last, even where it went back to waiting.
    last_counselor            BLOB,
    -- The counsellor's character.
    character_type_id         INTEGER,
    room                      BLOB,
    requested_at              INTEGER NOT NULL,
    -- The first acceptance.
    accepted_at               INTEGER,
    ended_at                  INTEGER,
    end_reason                TEXT,
    notes                     BLOB,
    score                     INTEGER,
    comment                   BLOB,
    rated_at                  INTEGER,
    -- When all that was personal of it was erased.
    erased_at                 INTEGER
) STRICT;
CREATE INDEX consultations_by_counselor ON consultations (last_counselor, status, number);
CREATE INDEX consultations_by_room ON consultations (room);
CREATE INDEX consultations_by_requester ON consultations (requester, number);
CREATE INDEX consultations_open ON consultations (number) WHERE status = 'waiting';
CREATE INDEX consultations_ended ON consultations (ended_at) WHERE status = 'completed';

-- Requests put to counsellors.
CREATE TABLE offers (
    number       INTEGER PRIMARY KEY,
    uuid         BLOB NOT NULL UNIQUE,
    consultation BLOB NOT NULL,
    counselor    BLOB NOT NULL,
    mode         TEXT NOT NULL,
    round        INTEGER NOT NULL,
    status       TEXT NOT NULL,
    offered_at   INTEGER NOT NULL,
    decided_at   INTEGER,
    withdrawal   TEXT,
    response     BLOB,
    -- JSON: who was waiting, and why each other one was passed over.
    candidates   TEXT NOT NULL
) STRICT;
CREATE INDEX offers_by_counselor ON offers (counselor, status, number);
CREATE INDEX offers_by_consultation ON offers (consultation, number);

CREATE TABLE cards (
    number           INTEGER PRIMARY KEY,
    uuid             BLOB NOT NULL UNIQUE,
    consultation     BLOB NOT NULL UNIQUE,
    text             BLOB NOT NULL,
    -- The latest change of the additional notes; null while the text's hold.
    additional_notes BLOB,
    summary_by       TEXT NOT NULL,
    created_at       INTEGER NOT NULL
) STRICT;

-- What the requester was called from which position on, so that old messages keep the old name.
CREATE TABLE nicknames (
    consultation  BLOB NOT NULL,
    from_position INTEGER NOT NULL,
    name          BLOB NOT NULL,
    name_form     TEXT NOT NULL,
    PRIMARY KEY (consultation, from_position)
) STRICT, WITHOUT ROWID;
