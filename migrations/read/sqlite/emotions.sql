-- Sessions about people's emotions, their steps, and as whom people want to be answered.
CREATE TABLE emotion_sessions (
    number        INTEGER PRIMARY KEY,
    uuid          BLOB NOT NULL UNIQUE,
    -- The uuid of the account.
    owner         BLOB NOT NULL,
    opening       BLOB NOT NULL,
    started_at    INTEGER NOT NULL,
    ended_at      INTEGER,
    card          BLOB,
    card_number   INTEGER,
    card_by       TEXT,
    key_emotions  TEXT,
    card_text     BLOB,
    card_at       INTEGER,
    -- When it was handed over to a counsellor last.
    handed_over_at INTEGER,
    -- When it was kept no longer.
    erased_at     INTEGER
) STRICT;
CREATE INDEX emotion_sessions_of ON emotion_sessions (owner, number);
CREATE TABLE emotion_steps (
    number         INTEGER PRIMARY KEY,
    uuid           BLOB NOT NULL UNIQUE,
    -- The uuid of the session.
    session        BLOB NOT NULL,
    owner          BLOB NOT NULL,
    step_order     INTEGER NOT NULL,
    step_type      TEXT NOT NULL,
    risk           TEXT,
    input          BLOB NOT NULL,
    status         TEXT NOT NULL,
    attempts       INTEGER NOT NULL,
    -- Its owner does not want to hear more of what it is answered.
    cancel_asked   INTEGER NOT NULL,
    -- The process that answers it, or did.
    node           BLOB NOT NULL,
    asked_at       INTEGER NOT NULL,
    -- What came of it: when, and at which position.
    settled_at     INTEGER,
    settled        INTEGER,
    answer         BLOB,
    responder      TEXT,
    label          TEXT,
    intensity      REAL,
    prompt_tokens  INTEGER,
    answer_tokens  INTEGER,
    truncated      INTEGER,
    reason         TEXT,
    retryable      INTEGER
) STRICT;
CREATE UNIQUE INDEX emotion_steps_in ON emotion_steps (session, step_order);
CREATE INDEX emotion_steps_open ON emotion_steps (number) WHERE status = 'open';
-- What somebody has used since when.
CREATE INDEX emotion_steps_used ON emotion_steps (owner, settled_at)
    WHERE answer_tokens IS NOT NULL;
CREATE TABLE emotion_prompts (
    account  BLOB PRIMARY KEY,
    prompt   BLOB NOT NULL
) STRICT;
