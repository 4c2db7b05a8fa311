-- What a young person and her clinician have agreed, and what stands before a first hour on the screen, on PostgreSQL; the
-- same in ../sqlite. Times are milliseconds since 1970, ids are uuids; (sealed) as in 0001.

-- Their agreement (FHIR CarePlan). `contents` is the whole page (sealed); each time that it is written is a revision of
-- its own, and the last one stands. `open_parts` counts what is open of it.
CREATE TABLE our_agreement (
    id UUID NOT NULL PRIMARY KEY,
    person UUID NOT NULL REFERENCES person (id),
    revision BIGINT NOT NULL,
    contents BYTEA NOT NULL,
    open_parts BIGINT NOT NULL,
    written BIGINT NOT NULL,
    written_by UUID NOT NULL REFERENCES person (id)
);
CREATE UNIQUE INDEX our_agreement_revision ON our_agreement (person, revision);

-- A point of readiness, ticked, or opened with a reason (sealed); what was taken back has an end.
CREATE TABLE readiness (
    id UUID NOT NULL PRIMARY KEY,
    person UUID NOT NULL REFERENCES person (id),
    point TEXT NOT NULL,
    standing TEXT NOT NULL,
    reason BYTEA,
    since BIGINT NOT NULL,
    written_by UUID NOT NULL REFERENCES person (id),
    ended BIGINT
);
CREATE UNIQUE INDEX readiness_standing ON readiness (person, point) WHERE ended IS NULL;
