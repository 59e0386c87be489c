-- Who can log in.
CREATE TABLE accounts (
    number              INTEGER PRIMARY KEY,
    uuid                BLOB NOT NULL UNIQUE,
    role                TEXT NOT NULL,
    active              INTEGER NOT NULL,
    email_key           TEXT,
    profile             BLOB NOT NULL,
    password_hash       BLOB NOT NULL,
    -- The sequence of the event that set the password.
    credentials_version INTEGER NOT NULL,
    -- Sessions opened at an earlier version of the account are void, but for one.
    void_before         INTEGER NOT NULL,
    void_kept           BLOB,
    -- When role, activation or the line above changed last.
    access_changed_at   INTEGER NOT NULL,
    created_at          INTEGER NOT NULL,
    -- What others say of them.
    user_type           TEXT,
    trust_score         REAL
) STRICT;
CREATE INDEX accounts_by_email ON accounts (email_key);
CREATE INDEX accounts_by_access ON accounts (access_changed_at);

-- Log-in sessions.
CREATE TABLE sessions (
    uuid            BLOB PRIMARY KEY,
    account         BLOB NOT NULL,
    account_version INTEGER NOT NULL,
    opened_at       INTEGER NOT NULL,
    rotated_at      INTEGER,
    expires_at      INTEGER NOT NULL,
    revoked_at      INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_account ON sessions (account, opened_at);
CREATE INDEX sessions_revoked ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;
