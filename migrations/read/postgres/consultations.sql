-- Consultations, from the request to the rating.
CREATE TABLE consultations (
    number                    BIGINT PRIMARY KEY,
    uuid                      BYTEA NOT NULL UNIQUE,
    requester_kind            TEXT COLLATE "C" NOT NULL,
    -- The person that the requester is in the room.
    requester                 BYTEA NOT NULL,
    request                   BYTEA NOT NULL,
    -- The latest change of the nickname; null while the request's holds.
    nickname                  BYTEA,
    character_type_preference BIGINT,
    quick_match               BIGINT NOT NULL,
    status                    TEXT COLLATE "C" NOT NULL,
    counselor                 BYTEA,
    -- Who had it last, even where it went back to waiting.
    last_counselor            BYTEA,
    -- The counsellor's character.
    character_type_id         BIGINT,
    room                      BYTEA,
    requested_at              BIGINT NOT NULL,
    -- The first acceptance.
    accepted_at               BIGINT,
    ended_at                  BIGINT,
    end_reason                TEXT COLLATE "C",
    notes                     BYTEA,
    score                     BIGINT,
    comment                   BYTEA,
    rated_at                  BIGINT,
    -- When all that was personal of it was erased.
    erased_at                 BIGINT
);
CREATE INDEX consultations_by_counselor ON consultations (last_counselor, status, number);
CREATE INDEX consultations_by_room ON consultations (room);
CREATE INDEX consultations_by_requester ON consultations (requester, number);
CREATE INDEX consultations_open ON consultations (number) WHERE status = 'waiting';
CREATE INDEX consultations_ended ON consultations (ended_at) WHERE status = 'completed';

-- Requests put to counsellors.
CREATE TABLE offers (
    number       BIGINT PRIMARY KEY,
    uuid         BYTEA NOT NULL UNIQUE,
    consultation BYTEA NOT NULL,
    counselor    BYTEA NOT NULL,
    mode         TEXT COLLATE "C" NOT NULL,
    round        BIGINT NOT NULL,
    status       TEXT COLLATE "C" NOT NULL,
    offered_at   BIGINT NOT NULL,
    decided_at   BIGINT,
    withdrawal   TEXT COLLATE "C",
    response     BYTEA,
    -- JSON: who was waiting, and why each other one was passed over.
    candidates   TEXT COLLATE "C" NOT NULL
);
CREATE INDEX offers_by_counselor ON offers (counselor, status, number);
CREATE INDEX offers_by_consultation ON offers (consultation, number);

CREATE TABLE cards (
    number           BIGINT PRIMARY KEY,
    uuid             BYTEA NOT NULL UNIQUE,
    consultation     BYTEA NOT NULL UNIQUE,
    text             BYTEA NOT NULL,
    -- The latest change of the additional notes; null while the text's hold.
    additional_notes BYTEA,
    summary_by       TEXT COLLATE "C" NOT NULL,
    created_at       BIGINT NOT NULL
);

-- What the requester was called from which position on, so that old messages keep the old name.
CREATE TABLE nicknames (
    consultation  BYTEA NOT NULL,
    from_position BIGINT NOT NULL,
    name          BYTEA NOT NULL,
    name_form     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (consultation, from_position)
);
