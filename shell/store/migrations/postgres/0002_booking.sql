-- Booking on PostgreSQL; the same in ../sqlite. How people meet, what changed, who is hers, what became of an hour.
-- Times are milliseconds since 1970, ids are uuids; (sealed) as in 0001.

-- `sequence` counts the changes (RFC 5545 §3.8.7.4);
-- `late_until` is what the clinician has said to those who wait.
ALTER TABLE appointment ADD COLUMN mode TEXT NOT NULL DEFAULT 'video';
ALTER TABLE appointment ADD COLUMN patient UUID REFERENCES person (id);
ALTER TABLE appointment ADD COLUMN sequence BIGINT NOT NULL DEFAULT 0;
ALTER TABLE appointment ADD COLUMN cancelled BIGINT;
ALTER TABLE appointment ADD COLUMN cancelled_by TEXT;
ALTER TABLE appointment ADD COLUMN cancel_cause TEXT;
ALTER TABLE appointment ADD COLUMN late_until BIGINT;
CREATE INDEX appointment_patient ON appointment (patient, starts);

-- What an hour was before each change, and who changed it.
CREATE TABLE appointment_change (
    appointment UUID NOT NULL REFERENCES appointment (id),
    sequence BIGINT NOT NULL,
    at BIGINT NOT NULL,
    changed_by UUID,
    starts BIGINT NOT NULL,
    ends BIGINT NOT NULL,
    mode TEXT NOT NULL,
    PRIMARY KEY (appointment, sequence)
);

-- Whose young people are whose (FHIR CareTeam): a clinician sees and books her own.
CREATE TABLE care_team (
    patient UUID NOT NULL REFERENCES person (id),
    practitioner UUID NOT NULL REFERENCES person (id),
    since BIGINT NOT NULL,
    ended BIGINT,
    PRIMARY KEY (patient, practitioner, since)
);
CREATE INDEX care_team_practitioner ON care_team (practitioner);
CREATE UNIQUE INDEX care_team_standing ON care_team (patient, practitioner) WHERE ended IS NULL;

-- Who stands around a young person, and in which role they come to a meeting.
CREATE TABLE relation (
    patient UUID NOT NULL REFERENCES person (id),
    person UUID NOT NULL REFERENCES person (id),
    role TEXT NOT NULL,
    since BIGINT NOT NULL,
    ended BIGINT,
    PRIMARY KEY (patient, person, since)
);
CREATE UNIQUE INDEX relation_standing ON relation (patient, person) WHERE ended IS NULL;

-- What became of an hour (FHIR Encounter). A correction is a new revision; the last one counts.
CREATE TABLE encounter (
    appointment UUID NOT NULL REFERENCES appointment (id),
    revision BIGINT NOT NULL,
    held_mode TEXT,
    missed_by TEXT,
    cause TEXT,
    usefulness TEXT,
    support_talk BIGINT NOT NULL,
    travel_ours BIGINT NOT NULL,
    travel_hers BIGINT NOT NULL,
    travel_escort BIGINT NOT NULL,
    closed BIGINT NOT NULL,
    closed_by UUID NOT NULL REFERENCES person (id),
    PRIMARY KEY (appointment, revision)
);

-- What somebody has agreed to do (FHIR Task); `due` is a day as 2026-11-22, `description` is (sealed).
CREATE TABLE task (
    id UUID NOT NULL PRIMARY KEY,
    appointment UUID NOT NULL REFERENCES appointment (id),
    owner UUID NOT NULL REFERENCES person (id),
    description BYTEA NOT NULL,
    due TEXT,
    created BIGINT NOT NULL,
    done BIGINT
);
CREATE INDEX task_appointment ON task (appointment);
CREATE INDEX task_owner ON task (owner);
