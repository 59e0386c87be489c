-- Who can log in.
CREATE TABLE accounts (
    number              BIGINT PRIMARY KEY,
    uuid                BYTEA NOT NULL UNIQUE,
    role                TEXT COLLATE "C" NOT NULL,
    active              BIGINT NOT NULL,
    email_key           TEXT COLLATE "C",
    profile             BYTEA NOT NULL,
    password_hash       BYTEA NOT NULL,
    -- The sequence of the event that set the password.
    credentials_version BIGINT NOT NULL,
    -- Sessions opened at an earlier version of the account are void, but for one.
    void_before         BIGINT NOT NULL,
    void_kept           BYTEA,
    -- When role, activation or the line above changed last.
    access_changed_at   BIGINT NOT NULL,
    created_at          BIGINT NOT NULL,
    -- What others say of them.
    user_type           TEXT COLLATE "C",
    trust_score         DOUBLE PRECISION
);
CREATE INDEX accounts_by_email ON accounts (email_key);
CREATE INDEX accounts_by_access ON accounts (access_changed_at);

-- Log-in sessions.
CREATE TABLE sessions (
    uuid            BYTEA PRIMARY KEY,
    account         BYTEA NOT NULL,
    account_version BIGINT NOT NULL,
    opened_at       BIGINT NOT NULL,
    rotated_at      BIGINT,
    expires_at      BIGINT NOT NULL,
    revoked_at      BIGINT
);
CREATE INDEX sessions_by_account ON sessions (account, opened_at);
CREATE INDEX sessions_revoked ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;
