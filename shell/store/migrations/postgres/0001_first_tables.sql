-- The first tables on PostgreSQL; the same in ../sqlite. Times are milliseconds since 1970.
-- A column marked (sealed) holds AES-256-GCM under the organisation's data key (SEC-008). No client address anywhere (SEC-005).

-- What the program knows about its own database: key check, sealed audit key.
CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL
);

-- Clinics, institutions, municipalities, schools.
CREATE TABLE organization (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    created BIGINT NOT NULL
);

-- One data key per organisation, wrapped by the root key.
CREATE TABLE data_key (
    organization UUID NOT NULL PRIMARY KEY REFERENCES organization (id),
    wrapped BYTEA NOT NULL,
    created BIGINT NOT NULL
);

-- The Ed25519 key by which an organisation attests who somebody is; the seed is (sealed).
CREATE TABLE signing_key (
    organization UUID NOT NULL PRIMARY KEY REFERENCES organization (id),
    public_key BYTEA NOT NULL,
    seed BYTEA NOT NULL,
    created BIGINT NOT NULL
);

-- Practitioners, patients and related persons; both names and the phone number are (sealed).
CREATE TABLE person (
    id UUID NOT NULL PRIMARY KEY,
    organization UUID NOT NULL REFERENCES organization (id),
    kind TEXT NOT NULL,
    language TEXT NOT NULL,
    given_name BYTEA NOT NULL,
    family_name BYTEA NOT NULL,
    phone BYTEA,
    created BIGINT NOT NULL
);
CREATE INDEX person_organization ON person (organization);

-- Planned meetings; the recognition sign is (sealed).
CREATE TABLE appointment (
    id UUID NOT NULL PRIMARY KEY,
    organization UUID NOT NULL REFERENCES organization (id),
    kind TEXT NOT NULL,
    responsible UUID NOT NULL REFERENCES person (id),
    starts BIGINT NOT NULL,
    ends BIGINT NOT NULL,
    early_ms BIGINT NOT NULL,
    late_ms BIGINT NOT NULL,
    sign BYTEA,
    created BIGINT NOT NULL
);
CREATE INDEX appointment_responsible ON appointment (responsible, starts);

-- The running of a meeting: planned while `opened` is empty, ended when `ended` is not.
CREATE TABLE session (
    id UUID NOT NULL PRIMARY KEY,
    appointment UUID NOT NULL UNIQUE REFERENCES appointment (id),
    opened BIGINT,
    ended BIGINT
);

-- Who is invited to what, in which role.
CREATE TABLE invitation (
    id UUID NOT NULL PRIMARY KEY,
    appointment UUID NOT NULL REFERENCES appointment (id),
    person UUID NOT NULL REFERENCES person (id),
    role TEXT NOT NULL,
    until BIGINT,
    withdrawn_by TEXT,
    withdrawn_at BIGINT,
    ended_for BIGINT,
    created BIGINT NOT NULL,
    UNIQUE (appointment, person)
);
CREATE INDEX invitation_person ON invitation (person);

-- An invited person's seat in the session.
CREATE TABLE participant (
    id UUID NOT NULL PRIMARY KEY,
    session UUID NOT NULL REFERENCES session (id),
    invitation UUID NOT NULL UNIQUE REFERENCES invitation (id)
);
CREATE INDEX participant_session ON participant (session);

-- Signed-in browsers; only the hash of the cookie's token is kept (SEC-009).
CREATE TABLE sign_in (
    id UUID NOT NULL PRIMARY KEY,
    person UUID NOT NULL REFERENCES person (id),
    assurance TEXT NOT NULL,
    token_hash BYTEA NOT NULL UNIQUE,
    started BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    ended BIGINT
);
CREATE INDEX sign_in_person ON sign_in (person);

-- The invitations that a browser signed in by a link may use; a full sign-in needs none.
CREATE TABLE sign_in_scope (
    sign_in UUID NOT NULL REFERENCES sign_in (id),
    invitation UUID NOT NULL REFERENCES invitation (id),
    ended BIGINT,
    PRIMARY KEY (sign_in, invitation)
);

-- Personal links; only the hash of the token is kept (SEC-009). `bound` is the browser that pressed.
CREATE TABLE personal_link (
    id UUID NOT NULL PRIMARY KEY,
    invitation UUID NOT NULL REFERENCES invitation (id),
    token_hash BYTEA NOT NULL UNIQUE,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    bound UUID REFERENCES sign_in (id),
    bound_at BIGINT,
    replaced BIGINT
);
CREATE INDEX personal_link_invitation ON personal_link (invitation);

-- When the door's yes to a seat began and ended.
CREATE TABLE admission (
    id UUID NOT NULL PRIMARY KEY,
    participant UUID NOT NULL REFERENCES participant (id),
    begun BIGINT NOT NULL,
    ended BIGINT,
    reason TEXT
);
CREATE INDEX admission_participant ON admission (participant);

-- Who must not come into an appointment, for safety.
CREATE TABLE block (
    appointment UUID NOT NULL REFERENCES appointment (id),
    person UUID NOT NULL REFERENCES person (id),
    decided_by UUID NOT NULL REFERENCES person (id),
    since BIGINT NOT NULL,
    lifted BIGINT,
    PRIMARY KEY (appointment, person, since)
);
CREATE UNIQUE INDEX block_standing ON block (appointment, person) WHERE lifted IS NULL;

-- Sign-in links of made-up people; filled in demo mode only (SEC-010).
CREATE TABLE demo_link (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    person UUID NOT NULL REFERENCES person (id),
    created BIGINT NOT NULL
);

-- The audit chain (SEC-006, SEC-007); no foreign keys, so that erasure breaks no link; details are (sealed).
CREATE TABLE audit_event (
    sequence BIGINT NOT NULL PRIMARY KEY,
    id UUID NOT NULL UNIQUE,
    at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id UUID,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL,
    purpose TEXT,
    organization UUID,
    about UUID,
    object_kind TEXT,
    object_id UUID,
    details BYTEA,
    hash BYTEA NOT NULL
);
CREATE INDEX audit_event_about ON audit_event (about, at);
