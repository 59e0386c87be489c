-- What is to be erased, and what was, with its receipt.
CREATE TABLE erasures (
    number        INTEGER PRIMARY KEY,
    uuid          BLOB NOT NULL UNIQUE,
    subject_kind  TEXT NOT NULL,
    -- The uuid of the account or consultation.
    subject       BLOB NOT NULL UNIQUE,
    requested_at  INTEGER NOT NULL,
    completed_at  INTEGER,
    consultations INTEGER,
    files         INTEGER,
    -- The public key and the signature of the receipt, hexadecimal.
    signed_by     TEXT,
    signature     TEXT
) STRICT;
CREATE INDEX erasures_outstanding ON erasures (number) WHERE completed_at IS NULL;

-- Legal holds.
CREATE TABLE holds (
    number       INTEGER PRIMARY KEY,
    uuid         BLOB NOT NULL UNIQUE,
    subject_kind TEXT NOT NULL,
    subject      BLOB NOT NULL,
    reason       BLOB NOT NULL,
    -- The account that placed it.
    placed_by    BLOB,
    placed_at    INTEGER NOT NULL,
    lifted_at    INTEGER
) STRICT;
CREATE INDEX holds_by_subject ON holds (subject) WHERE lifted_at IS NULL;
