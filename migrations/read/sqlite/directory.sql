-- UUID and number of every thing that has both, and the names of people.
CREATE TABLE directory (
    kind       TEXT NOT NULL,
    number     INTEGER NOT NULL,
    uuid       BLOB NOT NULL,
    -- A guest's consultation, a counsellor's account.
    belongs_to BLOB,
    -- Sealed; `name_form` says what it holds: a profile, a request or a nickname.
    name       BLOB,
    name_form  TEXT,
    PRIMARY KEY (kind, number)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX directory_by_uuid ON directory (uuid, kind);
CREATE INDEX directory_guests ON directory (belongs_to) WHERE kind = 'guest';
