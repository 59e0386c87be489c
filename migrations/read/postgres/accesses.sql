-- Which readings of the log concern whom.
CREATE TABLE accesses (
    -- The uuid of a person or a consultation.
    subject  BYTEA NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (subject, position)
);
