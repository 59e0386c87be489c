-- Alerts: where somebody spoke of suicide or of hurting themselves, and whether a person has taken
-- it up. Times are microseconds since the Unix epoch.
CREATE TABLE alerts (
    uuid            BYTEA PRIMARY KEY,
    number          BIGINT NOT NULL UNIQUE,
    -- 'consultation' or 'emotion_session'
    source_kind     TEXT COLLATE "C" NOT NULL,
    source          BYTEA NOT NULL,
    -- The message or step.
    said            BYTEA NOT NULL,
    person          BYTEA NOT NULL,
    level           TEXT COLLATE "C" NOT NULL,
    rule            TEXT COLLATE "C" NOT NULL,
    -- Who is with the person, as of when it was last raised.
    counselor       BYTEA,
    raised_at       BIGINT NOT NULL,
    last_raised_at  BIGINT NOT NULL,
    times           BIGINT NOT NULL,
    acknowledged_at BIGINT,
    acknowledged_by BYTEA
);

CREATE INDEX alerts_open ON alerts (last_raised_at) WHERE acknowledged_at IS NULL;
