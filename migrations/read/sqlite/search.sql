-- What messages say, as keyed hashes of their characters and of each two neighbours, and of the
-- keys under which they are sealed. The row is the message's number.
CREATE VIRTUAL TABLE search_messages USING fts5(
    tokens,
    content='',
    contentless_delete=1,
    detail=none,
    tokenize='ascii'
);
