-- Booking on SQLite; the same in ../postgres. How people meet, what changed, who is hers, what became of an hour.
-- Times are milliseconds since 1970, ids are 16 bytes; (sealed) as in 0001.

-- `sequence` counts the changes (RFC 5545 §3.8.7.4);
-- `late_until` is what the clinician has said to those who wait.
ALTER TABLE appointment ADD COLUMN mode TEXT NOT NULL DEFAULT 'video';
ALTER TABLE appointment ADD COLUMN patient BLOB REFERENCES person (id);
ALTER TABLE appointment ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
ALTER TABLE appointment ADD COLUMN cancelled INTEGER;
ALTER TABLE appointment ADD COLUMN cancelled_by TEXT;
ALTER TABLE appointment ADD COLUMN cancel_cause TEXT;
ALTER TABLE appointment ADD COLUMN late_until INTEGER;
CREATE INDEX appointment_patient ON appointment (patient, starts);

-- What an hour was before each change, and who changed it.
CREATE TABLE appointment_change (
    appointment BLOB NOT NULL REFERENCES appointment (id),
    sequence INTEGER NOT NULL,
    at INTEGER NOT NULL,
    changed_by BLOB,
    starts INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    mode TEXT NOT NULL,
    PRIMARY KEY (appointment, sequence)
) STRICT;

-- Whose young people are whose (FHIR CareTeam): a clinician sees and books her own.
CREATE TABLE care_team (
    patient BLOB NOT NULL REFERENCES person (id),
    practitioner BLOB NOT NULL REFERENCES person (id),
    since INTEGER NOT NULL,
    ended INTEGER,
    PRIMARY KEY (patient, practitioner, since)
) STRICT;
CREATE INDEX care_team_practitioner ON care_team (practitioner);
CREATE UNIQUE INDEX care_team_standing ON care_team (patient, practitioner) WHERE ended IS NULL;

-- Who stands around a young person, and in which role they come to a meeting.
CREATE TABLE relation (
    patient BLOB NOT NULL REFERENCES person (id),
    person BLOB NOT NULL REFERENCES person (id),
    role TEXT NOT NULL,
    since INTEGER NOT NULL,
    ended INTEGER,
    PRIMARY KEY (patient, person, since)
) STRICT;
CREATE UNIQUE INDEX relation_standing ON relation (patient, person) WHERE ended IS NULL;

-- What became of an hour (FHIR Encounter). A correction is a new revision; the last one counts.
CREATE TABLE encounter (
    appointment BLOB NOT NULL REFERENCES appointment (id),
    revision INTEGER NOT NULL,
    held_mode TEXT,
    missed_by TEXT,
    cause TEXT,
    usefulness TEXT,
    support_talk INTEGER NOT NULL,
    travel_ours INTEGER NOT NULL,
    travel_hers INTEGER NOT NULL,
    travel_escort INTEGER NOT NULL,
    closed INTEGER NOT NULL,
    closed_by BLOB NOT NULL REFERENCES person (id),
    PRIMARY KEY (appointment, revision)
) STRICT;

-- What somebody has agreed to do (FHIR Task); `due` is a day as 2026-11-22, `description` is (sealed).
CREATE TABLE task (
    id BLOB NOT NULL PRIMARY KEY,
    appointment BLOB NOT NULL REFERENCES appointment (id),
    owner BLOB NOT NULL REFERENCES person (id),
    description BLOB NOT NULL,
    due TEXT,
    created INTEGER NOT NULL,
    done INTEGER
) STRICT;
CREATE INDEX task_appointment ON task (appointment);
CREATE INDEX task_owner ON task (owner);
