-- When people were last here.
CREATE TABLE presence (
    person  BYTEA PRIMARY KEY,
    seen_at BIGINT NOT NULL
);
