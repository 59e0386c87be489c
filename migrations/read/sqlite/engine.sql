-- How far each projection has come, and by which event: another one at that position means that
-- the log was restored and the rows belong to another history.
CREATE TABLE IF NOT EXISTS checkpoints (
    projection TEXT PRIMARY KEY,
    version    INTEGER NOT NULL,
    position   INTEGER NOT NULL,
    event_id   BLOB NOT NULL
) STRICT, WITHOUT ROWID;
