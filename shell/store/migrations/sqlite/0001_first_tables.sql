-- The first tables on SQLite; the same in ../postgres. Times are milliseconds since 1970, ids are 16 bytes.
-- A column marked (sealed) holds AES-256-GCM under the organisation's data key (SEC-008). No client address anywhere (SEC-005).

-- What the program knows about its own database: key check, sealed audit key.
CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

-- Clinics, institutions, municipalities, schools.
CREATE TABLE organization (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL
) STRICT;

-- One data key per organisation, wrapped by the root key.
CREATE TABLE data_key (
    organization BLOB NOT NULL PRIMARY KEY REFERENCES organization (id),
    wrapped BLOB NOT NULL,
    created INTEGER NOT NULL
) STRICT;

-- The Ed25519 key by which an organisation attests who somebody is; the seed is (sealed).
CREATE TABLE signing_key (
    organization BLOB NOT NULL PRIMARY KEY REFERENCES organization (id),
    public_key BLOB NOT NULL,
    seed BLOB NOT NULL,
    created INTEGER NOT NULL
) STRICT;

-- Practitioners, patients and related persons; both names and the phone number are (sealed).
CREATE TABLE person (
    id BLOB NOT NULL PRIMARY KEY,
    organization BLOB NOT NULL REFERENCES organization (id),
    kind TEXT NOT NULL,
    language TEXT NOT NULL,
    given_name BLOB NOT NULL,
    family_name BLOB NOT NULL,
    phone BLOB,
    created INTEGER NOT NULL
) STRICT;
CREATE INDEX person_organization ON person (organization);

-- Planned meetings; the recognition sign is (sealed).
CREATE TABLE appointment (
    id BLOB NOT NULL PRIMARY KEY,
    organization BLOB NOT NULL REFERENCES organization (id),
    kind TEXT NOT NULL,
    responsible BLOB NOT NULL REFERENCES person (id),
    starts INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    early_ms INTEGER NOT NULL,
    late_ms INTEGER NOT NULL,
    sign BLOB,
    created INTEGER NOT NULL
) STRICT;
CREATE INDEX appointment_responsible ON appointment (responsible, starts);

-- The running of a meeting: planned while `opened` is empty, ended when `ended` is not.
CREATE TABLE session (
    id BLOB NOT NULL PRIMARY KEY,
    appointment BLOB NOT NULL UNIQUE REFERENCES appointment (id),
    opened INTEGER,
    ended INTEGER
) STRICT;

-- Who is invited to what, in which role.
CREATE TABLE invitation (
    id BLOB NOT NULL PRIMARY KEY,
    appointment BLOB NOT NULL REFERENCES appointment (id),
    person BLOB NOT NULL REFERENCES person (id),
    role TEXT NOT NULL,
    until INTEGER,
    withdrawn_by TEXT,
    withdrawn_at INTEGER,
    ended_for INTEGER,
    created INTEGER NOT NULL,
    UNIQUE (appointment, person)
) STRICT;
CREATE INDEX invitation_person ON invitation (person);

-- An invited person's seat in the session.
CREATE TABLE participant (
    id BLOB NOT NULL PRIMARY KEY,
    session BLOB NOT NULL REFERENCES session (id),
    invitation BLOB NOT NULL UNIQUE REFERENCES invitation (id)
) STRICT;
CREATE INDEX participant_session ON participant (session);

-- Signed-in browsers; only the hash of the cookie's token is kept (SEC-009).
CREATE TABLE sign_in (
    id BLOB NOT NULL PRIMARY KEY,
    person BLOB NOT NULL REFERENCES person (id),
    assurance TEXT NOT NULL,
    token_hash BLOB NOT NULL UNIQUE,
    started INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    ended INTEGER
) STRICT;
CREATE INDEX sign_in_person ON sign_in (person);

-- The invitations that a browser signed in by a link may use; a full sign-in needs none.
CREATE TABLE sign_in_scope (
    sign_in BLOB NOT NULL REFERENCES sign_in (id),
    invitation BLOB NOT NULL REFERENCES invitation (id),
    ended INTEGER,
    PRIMARY KEY (sign_in, invitation)
) STRICT;

-- Personal links; only the hash of the token is kept (SEC-009). `bound` is the browser that pressed.
CREATE TABLE personal_link (
    id BLOB NOT NULL PRIMARY KEY,
    invitation BLOB NOT NULL REFERENCES invitation (id),
    token_hash BLOB NOT NULL UNIQUE,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    bound BLOB REFERENCES sign_in (id),
    bound_at INTEGER,
    replaced INTEGER
) STRICT;
CREATE INDEX personal_link_invitation ON personal_link (invitation);

-- When the door's yes to a seat began and ended.
CREATE TABLE admission (
    id BLOB NOT NULL PRIMARY KEY,
    participant BLOB NOT NULL REFERENCES participant (id),
    begun INTEGER NOT NULL,
    ended INTEGER,
    reason TEXT
) STRICT;
CREATE INDEX admission_participant ON admission (participant);

-- Who must not come into an appointment, for safety.
CREATE TABLE block (
    appointment BLOB NOT NULL REFERENCES appointment (id),
    person BLOB NOT NULL REFERENCES person (id),
    decided_by BLOB NOT NULL REFERENCES person (id),
    since INTEGER NOT NULL,
    lifted INTEGER,
    PRIMARY KEY (appointment, person, since)
) STRICT;
CREATE UNIQUE INDEX block_standing ON block (appointment, person) WHERE lifted IS NULL;

-- Sign-in links of made-up people; filled in demo mode only (SEC-010).
CREATE TABLE demo_link (
    token_hash BLOB NOT NULL PRIMARY KEY,
    person BLOB NOT NULL REFERENCES person (id),
    created INTEGER NOT NULL
) STRICT;

-- The audit chain (SEC-006, SEC-007); no foreign keys, so that erasure breaks no link; details are (sealed).
CREATE TABLE audit_event (
    sequence INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id BLOB,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL,
    purpose TEXT,
    organization BLOB,
    about BLOB,
    object_kind TEXT,
    object_id BLOB,
    details BLOB,
    hash BLOB NOT NULL
) STRICT;
CREATE INDEX audit_event_about ON audit_event (about, at);
