-- The catalogue of counsellors and how each of them stands.
CREATE TABLE counselors (
    number               BIGINT PRIMARY KEY,
    uuid                 BYTEA NOT NULL UNIQUE,
    account              BYTEA NOT NULL,
    character_type_id    BIGINT NOT NULL,
    -- A JSON list of numbers.
    counseling_fields    TEXT COLLATE "C" NOT NULL,
    max_active           BIGINT,
    active               BIGINT NOT NULL,
    status               TEXT COLLATE "C" NOT NULL,
    status_changed_at    BIGINT NOT NULL,
    waiting_since        BIGINT,
    last_ended_at        BIGINT,
    active_consultations BIGINT NOT NULL,
    -- Since when no notification socket is open; null while one is.
    unreachable_since    BIGINT
);
CREATE INDEX counselors_by_account ON counselors (account);

-- Open notification sockets, with the node that holds each.
CREATE TABLE counselor_sockets (
    connection BYTEA PRIMARY KEY,
    counselor  BYTEA NOT NULL,
    node       BYTEA NOT NULL,
    opened_at  BIGINT NOT NULL
);
CREATE INDEX counselor_sockets_by_counselor ON counselor_sockets (counselor);
