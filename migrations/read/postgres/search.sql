-- What messages say, as keyed hashes of their characters and of each two neighbours, and of the
-- keys under which they are sealed.
CREATE TABLE search_messages (
    number BIGINT PRIMARY KEY,
    tokens BIGINT[] NOT NULL
);
CREATE INDEX search_messages_by_token ON search_messages USING gin (tokens);
