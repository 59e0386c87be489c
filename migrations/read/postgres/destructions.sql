-- Keys that were to be destroyed, by the position at which the log says so.
CREATE TABLE destructions (
    position BIGINT PRIMARY KEY,
    key      TEXT COLLATE "C" NOT NULL
);
