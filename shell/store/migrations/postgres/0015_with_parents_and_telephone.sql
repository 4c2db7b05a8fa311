-- A small child who comes with her parents, and the rest of an hour by telephone, on PostgreSQL; the same in ../sqlite. Times
-- are milliseconds since 1970, ids are uuids.

-- Since when she is a small child who comes with her parents; empty: she is asked before anybody is let in to her.
ALTER TABLE person ADD COLUMN with_parents BIGINT;

-- From when the rest of an hour was taken by telephone. Its id is drawn by the page, so that what is told twice is one; `since`
-- is when it was said, `noted` when it was heard of; what was taken back stays, with the moment.
CREATE TABLE telephone (
    id UUID NOT NULL PRIMARY KEY,
    session UUID NOT NULL REFERENCES session (id),
    practitioner UUID NOT NULL REFERENCES person (id),
    since BIGINT NOT NULL,
    noted BIGINT NOT NULL,
    undone BIGINT
);
CREATE INDEX telephone_session ON telephone (session, since);

-- Whether the hour was partly by telephone, as the clinician wrote it down.
ALTER TABLE encounter ADD COLUMN partly_phone BIGINT NOT NULL DEFAULT 0;
