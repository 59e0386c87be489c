-- Which nodes are alive, and which of them does what only one may do. Times are the server's own.
CREATE TABLE leases (
    name   TEXT PRIMARY KEY,
    holder UUID NOT NULL,
    -- Raised whenever another holder takes over.
    epoch  BIGINT NOT NULL,
    until  TIMESTAMPTZ NOT NULL
);
