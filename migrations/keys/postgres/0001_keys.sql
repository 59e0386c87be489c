-- The key store, in a schema of its own. Every value is wrapped by AES-256-GCM under the master
-- key, bound to its name.

-- One row, by which a wrong master key is known at once.
CREATE TABLE master (
    id      SMALLINT PRIMARY KEY CHECK (id = 1),
    wrapped BYTEA NOT NULL
);

-- Subject and bucket keys. A row without a value is a tombstone: destroyed, for ever. Where the
-- vacuum that follows a destruction leaves anything, autovacuum comes within minutes.
CREATE TABLE keys (
    name    TEXT COLLATE "C" PRIMARY KEY,
    wrapped BYTEA
) WITH (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);

-- Secrets of the whole system, of any length.
CREATE TABLE secrets (
    name    TEXT COLLATE "C" PRIMARY KEY,
    wrapped BYTEA NOT NULL
) WITH (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);
