-- Sessions about people's emotions, their steps, and as whom people want to be answered.
CREATE TABLE emotion_sessions (
    number        BIGINT PRIMARY KEY,
    uuid          BYTEA NOT NULL UNIQUE,
    -- The uuid of the account.
    owner         BYTEA NOT NULL,
    opening       BYTEA NOT NULL,
    started_at    BIGINT NOT NULL,
    ended_at      BIGINT,
    card          BYTEA,
    card_number   BIGINT,
    card_by       TEXT COLLATE "C",
    key_emotions  TEXT COLLATE "C",
    card_text     BYTEA,
    card_at       BIGINT,
    -- When it was handed over to a counsellor last.
    handed_over_at BIGINT,
    -- When it was kept no longer.
    erased_at     BIGINT
);
CREATE INDEX emotion_sessions_of ON emotion_sessions (owner, number);
CREATE TABLE emotion_steps (
    number         BIGINT PRIMARY KEY,
    uuid           BYTEA NOT NULL UNIQUE,
    -- The uuid of the session.
    session        BYTEA NOT NULL,
    owner          BYTEA NOT NULL,
    step_order     BIGINT NOT NULL,
    step_type      TEXT COLLATE "C" NOT NULL,
    risk           TEXT COLLATE "C",
    input          BYTEA NOT NULL,
    status         TEXT COLLATE "C" NOT NULL,
    attempts       BIGINT NOT NULL,
    -- Its owner does not want to hear more of what it is answered.
    cancel_asked   BIGINT NOT NULL,
    -- The process that answers it, or did.
    node           BYTEA NOT NULL,
    asked_at       BIGINT NOT NULL,
    -- What came of it: when, and at which position.
    settled_at     BIGINT,
    settled        BIGINT,
    answer         BYTEA,
    responder      TEXT COLLATE "C",
    label          TEXT COLLATE "C",
    intensity      DOUBLE PRECISION,
    prompt_tokens  BIGINT,
    answer_tokens  BIGINT,
    truncated      BIGINT,
    reason         TEXT COLLATE "C",
    retryable      BIGINT
);
CREATE UNIQUE INDEX emotion_steps_in ON emotion_steps (session, step_order);
CREATE INDEX emotion_steps_open ON emotion_steps (number) WHERE status = 'open';
-- What somebody has used since when.
CREATE INDEX emotion_steps_used ON emotion_steps (owner, settled_at)
    WHERE answer_tokens IS NOT NULL;
CREATE TABLE emotion_prompts (
    account  BYTEA PRIMARY KEY,
    prompt   BYTEA NOT NULL
);
