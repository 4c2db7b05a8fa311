-- A small child who comes with her parents, and the rest of an hour by telephone, on SQLite; the same in ../postgres. Times
-- are milliseconds since 1970, ids are 16 bytes.

-- Since when she is a small child who comes with her parents; empty: she is asked before anybody is let in to her.
ALTER TABLE person ADD COLUMN with_parents INTEGER;

-- From when the rest of an hour was taken by telephone. Its id is drawn by the page, so that what is told twice is one; `since`
-- is when it was said, `noted` when it was heard of; what was taken back stays, with the moment.
CREATE TABLE telephone (
    id BLOB NOT NULL PRIMARY KEY,
    session BLOB NOT NULL REFERENCES session (id),
    practitioner BLOB NOT NULL REFERENCES person (id),
    since INTEGER NOT NULL,
    noted INTEGER NOT NULL,
    undone INTEGER
) STRICT;
CREATE INDEX telephone_session ON telephone (session, since);

-- Whether the hour was partly by telephone, as the clinician wrote it down.
ALTER TABLE encounter ADD COLUMN partly_phone INTEGER NOT NULL DEFAULT 0;
