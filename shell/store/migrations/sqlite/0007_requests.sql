-- What a young person asks for, absences, and care workers' answers to hours, on SQLite; the same in ../postgres.
-- Times are milliseconds since 1970, ids are 16 bytes; (sealed) as in 0001.

-- A request (FHIR Task). `line` is her own words (sealed); `team_from` is the moment that she was told, from which the
-- whole team reads what nobody has seen; `sign_in` is the browser that asked.
CREATE TABLE request (
    id BLOB NOT NULL PRIMARY KEY,
    organization BLOB NOT NULL REFERENCES organization (id),
    person BLOB NOT NULL REFERENCES person (id),
    sign_in BLOB NOT NULL REFERENCES sign_in (id),
    wish TEXT NOT NULL,
    line BLOB,
    may_ring INTEGER NOT NULL,
    asked INTEGER NOT NULL,
    team_from INTEGER NOT NULL,
    standing TEXT NOT NULL,
    reply TEXT,
    seen_by BLOB REFERENCES person (id),
    seen INTEGER,
    changed INTEGER NOT NULL
) STRICT;
CREATE INDEX request_person ON request (person, asked);
CREATE INDEX request_open ON request (organization, standing, asked);

-- From when to when a clinician is away, and who reads requests meanwhile.
CREATE TABLE absence (
    id BLOB NOT NULL PRIMARY KEY,
    person BLOB NOT NULL REFERENCES person (id),
    deputy BLOB NOT NULL REFERENCES person (id),
    starts INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    created INTEGER NOT NULL,
    ended INTEGER
) STRICT;
CREATE INDEX absence_person ON absence (person, ends);

-- A care worker's *not today* (FHIR AppointmentResponse), given with the young person's knowledge, and what her
-- clinician made of it. `talk` is the hour that the staff got instead; `ground` is why they may talk in hers; `withheld`
-- is why she is not told, empty when she is.
CREATE TABLE appointment_response (
    id BLOB NOT NULL PRIMARY KEY,
    appointment BLOB NOT NULL REFERENCES appointment (id),
    person BLOB NOT NULL REFERENCES person (id),
    cause TEXT NOT NULL,
    offers_hour INTEGER NOT NULL,
    standing TEXT NOT NULL,
    given INTEGER NOT NULL,
    decided INTEGER,
    decided_by BLOB REFERENCES person (id),
    talk BLOB REFERENCES appointment (id),
    ground TEXT,
    withheld TEXT
) STRICT;
CREATE INDEX appointment_response_appointment ON appointment_response (appointment, given);
CREATE UNIQUE INDEX appointment_response_open ON appointment_response (appointment, person) WHERE standing = 'given';
