-- The key store. Every value is wrapped by AES-256-GCM under the master key, bound to its name.

-- One row, by which a wrong master key is known at once.
CREATE TABLE master (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    wrapped BLOB NOT NULL
) STRICT;

-- Subject and bucket keys. A row without a value is a tombstone: destroyed, for ever.
CREATE TABLE keys (
    name    TEXT PRIMARY KEY,
    wrapped BLOB
) STRICT, WITHOUT ROWID;

-- Secrets of the whole system, of any length.
CREATE TABLE secrets (
    name    TEXT PRIMARY KEY,
    wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;
