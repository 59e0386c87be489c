-- What is outstanding and will come due. The event that settles it removes the row.
CREATE TABLE due (
    kind      TEXT COLLATE "C" NOT NULL,
    subject   BYTEA NOT NULL,
    -- The aggregate that the command goes to.
    aggregate BYTEA NOT NULL,
    since     BIGINT NOT NULL,
    -- The position of the event that began it.
    cause     BIGINT NOT NULL,
    PRIMARY KEY (kind, subject)
);
CREATE INDEX due_by_time ON due (kind, since, cause);

-- What is known of counsellors here: whether they wait, and since when nobody reaches them.
CREATE TABLE due_counselors (
    counselor         BYTEA PRIMARY KEY,
    waiting_since     BIGINT,
    unreachable_since BIGINT,
    cause             BIGINT NOT NULL
);

CREATE TABLE due_sockets (
    connection BYTEA PRIMARY KEY,
    counselor  BYTEA NOT NULL
);
CREATE INDEX due_sockets_by_counselor ON due_sockets (counselor);
