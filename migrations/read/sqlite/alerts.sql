-- Alerts: where somebody spoke of suicide or of hurting themselves, and whether a person has taken
-- it up. Times are microseconds since the Unix epoch.
CREATE TABLE alerts (
    uuid            BLOB PRIMARY KEY,
    number          INTEGER NOT NULL UNIQUE,
    -- 'consultation' or 'emotion_session'
    source_kind     TEXT NOT NULL,
    source          BLOB NOT NULL,
    -- The message or step.
    said            BLOB NOT NULL,
    person          BLOB NOT NULL,
    level           TEXT NOT NULL,
    rule            TEXT NOT NULL,
    -- Who is with the person, as of when it was last raised.
    counselor       BLOB,
    raised_at       INTEGER NOT NULL,
    last_raised_at  INTEGER NOT NULL,
    times           INTEGER NOT NULL,
    acknowledged_at INTEGER,
    acknowledged_by BLOB
) STRICT, WITHOUT ROWID;

CREATE INDEX alerts_open ON alerts (last_raised_at) WHERE acknowledged_at IS NULL;
