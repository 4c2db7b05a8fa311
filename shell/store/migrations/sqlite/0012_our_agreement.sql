-- What a young person and her clinician have agreed, and what stands before a first hour on the screen, on SQLite; the
-- same in ../postgres. Times are milliseconds since 1970, ids are 16 bytes; (sealed) as in 0001.

-- Their agreement (FHIR CarePlan). `contents` is the whole page (sealed); each time that it is written is a revision of
-- its own, and the last one stands. `open_parts` counts what is open of it.
CREATE TABLE our_agreement (
    id BLOB NOT NULL PRIMARY KEY,
    person BLOB NOT NULL REFERENCES person (id),
    revision INTEGER NOT NULL,
    contents BLOB NOT NULL,
    open_parts INTEGER NOT NULL,
    written INTEGER NOT NULL,
    written_by BLOB NOT NULL REFERENCES person (id)
) STRICT;
CREATE UNIQUE INDEX our_agreement_revision ON our_agreement (person, revision);

-- A point of readiness, ticked, or opened with a reason (sealed); what was taken back has an end.
CREATE TABLE readiness (
    id BLOB NOT NULL PRIMARY KEY,
    person BLOB NOT NULL REFERENCES person (id),
    point TEXT NOT NULL,
    standing TEXT NOT NULL,
    reason BLOB,
    since INTEGER NOT NULL,
    written_by BLOB NOT NULL REFERENCES person (id),
    ended INTEGER
) STRICT;
CREATE UNIQUE INDEX readiness_standing ON readiness (person, point) WHERE ended IS NULL;
