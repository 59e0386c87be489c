-- Which readings of the log concern whom.
CREATE TABLE accesses (
    -- The uuid of a person or a consultation.
    subject  BLOB NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (subject, position)
) STRICT, WITHOUT ROWID;
