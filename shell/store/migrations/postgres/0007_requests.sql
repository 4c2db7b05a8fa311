-- What a young person asks for, absences, and care workers' answers to hours, on PostgreSQL; the same in ../sqlite.
-- Times are milliseconds since 1970, ids are uuids; (sealed) as in 0001.

-- A request (FHIR Task). `line` is her own words (sealed); `team_from` is the moment that she was told, from which the
-- whole team reads what nobody has seen; `sign_in` is the browser that asked.
CREATE TABLE request (
    id UUID NOT NULL PRIMARY KEY,
    organization UUID NOT NULL REFERENCES organization (id),
    person UUID NOT NULL REFERENCES person (id),
    sign_in UUID NOT NULL REFERENCES sign_in (id),
    wish TEXT NOT NULL,
    line BYTEA,
    may_ring BIGINT NOT NULL,
    asked BIGINT NOT NULL,
    team_from BIGINT NOT NULL,
    standing TEXT NOT NULL,
    reply TEXT,
    seen_by UUID REFERENCES person (id),
    seen BIGINT,
    changed BIGINT NOT NULL
);
CREATE INDEX request_person ON request (person, asked);
CREATE INDEX request_open ON request (organization, standing, asked);

-- From when to when a clinician is away, and who reads requests meanwhile.
CREATE TABLE absence (
    id UUID NOT NULL PRIMARY KEY,
    person UUID NOT NULL REFERENCES person (id),
    deputy UUID NOT NULL REFERENCES person (id),
    starts BIGINT NOT NULL,
    ends BIGINT NOT NULL,
    created BIGINT NOT NULL,
    ended BIGINT
);
CREATE INDEX absence_person ON absence (person, ends);

-- A care worker's *not today* (FHIR AppointmentResponse), given with the young person's knowledge, and what her
-- clinician made of it. `talk` is the hour that the staff got instead; `ground` is why they may talk in hers; `withheld`
-- is why she is not told, empty when she is.
CREATE TABLE appointment_response (
    id UUID NOT NULL PRIMARY KEY,
    appointment UUID NOT NULL REFERENCES appointment (id),
    person UUID NOT NULL REFERENCES person (id),
    cause TEXT NOT NULL,
    offers_hour BIGINT NOT NULL,
    standing TEXT NOT NULL,
    given BIGINT NOT NULL,
    decided BIGINT,
    decided_by UUID REFERENCES person (id),
    talk UUID REFERENCES appointment (id),
    ground TEXT,
    withheld TEXT
);
CREATE INDEX appointment_response_appointment ON appointment_response (appointment, given);
CREATE UNIQUE INDEX appointment_response_open ON appointment_response (appointment, person) WHERE standing = 'given';
