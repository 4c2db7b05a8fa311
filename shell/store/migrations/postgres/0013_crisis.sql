-- What a clinician did when it was urgent, and when, on PostgreSQL; the same in ../sqlite. Times are milliseconds since 1970,
-- ids are uuids.

-- A step that was noted in the crisis panel. Its id is drawn by the page, so that a step told twice is one. `done` is when it
-- was done, `noted` when it was heard of, perhaps much later; what was taken back stays, with the moment.
CREATE TABLE crisis_step (
    id UUID NOT NULL PRIMARY KEY,
    session UUID NOT NULL REFERENCES session (id),
    practitioner UUID NOT NULL REFERENCES person (id),
    step TEXT NOT NULL,
    done BIGINT NOT NULL,
    noted BIGINT NOT NULL,
    undone BIGINT
);
CREATE INDEX crisis_step_session ON crisis_step (session, done);
