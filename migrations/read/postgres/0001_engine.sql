-- How far each projection has come, and by which event: another one at that position means that
-- the log was restored and the rows belong to another history.
CREATE TABLE checkpoints (
    projection TEXT COLLATE "C" PRIMARY KEY,
    version    BIGINT NOT NULL,
    position   BIGINT NOT NULL,
    event_id   BYTEA NOT NULL
);

-- Why a projection goes no further, as the node that leads has found; for those that stand by.
CREATE TABLE stopped_projections (
    projection TEXT COLLATE "C" PRIMARY KEY,
    reason     TEXT NOT NULL
);
