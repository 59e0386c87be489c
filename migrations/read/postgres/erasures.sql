-- What is to be erased, and what was, with its receipt.
CREATE TABLE erasures (
    number        BIGINT PRIMARY KEY,
    uuid          BYTEA NOT NULL UNIQUE,
    subject_kind  TEXT COLLATE "C" NOT NULL,
    -- The uuid of the account or consultation.
    subject       BYTEA NOT NULL UNIQUE,
    requested_at  BIGINT NOT NULL,
    completed_at  BIGINT,
    consultations BIGINT,
    files         BIGINT,
    -- The public key and the signature of the receipt, hexadecimal.
    signed_by     TEXT COLLATE "C",
    signature     TEXT COLLATE "C"
);
CREATE INDEX erasures_outstanding ON erasures (number) WHERE completed_at IS NULL;

-- Legal holds.
CREATE TABLE holds (
    number       BIGINT PRIMARY KEY,
    uuid         BYTEA NOT NULL UNIQUE,
    subject_kind TEXT COLLATE "C" NOT NULL,
    subject      BYTEA NOT NULL,
    reason       BYTEA NOT NULL,
    -- The account that placed it.
    placed_by    BYTEA,
    placed_at    BIGINT NOT NULL,
    lifted_at    BIGINT
);
CREATE INDEX holds_by_subject ON holds (subject) WHERE lifted_at IS NULL;
