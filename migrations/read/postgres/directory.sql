-- UUID and number of every thing that has both, and the names of people.
CREATE TABLE directory (
    kind       TEXT COLLATE "C" NOT NULL,
    number     BIGINT NOT NULL,
    uuid       BYTEA NOT NULL,
    -- A guest's consultation, a counsellor's account.
    belongs_to BYTEA,
    -- Sealed; `name_form` says what it holds: a profile, a request or a nickname.
    name       BYTEA,
    name_form  TEXT COLLATE "C",
    PRIMARY KEY (kind, number)
);
CREATE UNIQUE INDEX directory_by_uuid ON directory (uuid, kind);
CREATE INDEX directory_guests ON directory (belongs_to) WHERE kind = 'guest';
