-- Keys that were to be destroyed, by the position at which the log says so.
CREATE TABLE destructions (
    position INTEGER PRIMARY KEY,
    key      TEXT NOT NULL
) STRICT;
