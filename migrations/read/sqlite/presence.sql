-- When people were last here.
CREATE TABLE presence (
    person  BLOB PRIMARY KEY,
    seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
