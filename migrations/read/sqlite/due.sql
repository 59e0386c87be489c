-- What is outstanding and will come due. The event that settles it removes the row.
CREATE TABLE due (
    kind      TEXT NOT NULL,
    subject   BLOB NOT NULL,
    -- The aggregate that the command goes to.
    aggregate BLOB NOT NULL,
    since     INTEGER NOT NULL,
    -- The position of the event that began it.
    cause     INTEGER NOT NULL,
    PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX due_by_time ON due (kind, since, cause);

-- What is known of counsellors here: whether they wait, and since when nobody reaches them.
CREATE TABLE due_counselors (
    counselor         BLOB PRIMARY KEY,
    waiting_since     INTEGER,
    unreachable_since INTEGER,
    cause             INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE due_sockets (
    connection BLOB PRIMARY KEY,
    counselor  BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX due_sockets_by_counselor ON due_sockets (counselor);
