-- What a clinician did when it was urgent, and when, on SQLite; the same in ../postgres. Times are milliseconds since 1970,
-- ids are 16 bytes.

-- A step that was noted in the crisis panel. Its id is drawn by the page, so that a step told twice is one. `done` is when it
-- was done, `noted` when it was heard of, perhaps much later; what was taken back stays, with the moment.
CREATE TABLE crisis_step (
    id BLOB NOT NULL PRIMARY KEY,
    session BLOB NOT NULL REFERENCES session (id),
    practitioner BLOB NOT NULL REFERENCES person (id),
    step TEXT NOT NULL,
    done INTEGER NOT NULL,
    noted INTEGER NOT NULL,
    undone INTEGER
) STRICT;
CREATE INDEX crisis_step_session ON crisis_step (session, done);
