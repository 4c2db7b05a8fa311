-- Passkeys, the ceremonies that are under way, one-time staff links and roles on PostgreSQL; the same in ../sqlite.

-- The public half of each passkey. `credential` and `label` are (sealed); `credential_hash` is SHA-256 of the
-- credential's id, by which an answer finds its passkey.
CREATE TABLE passkey (
    id UUID NOT NULL PRIMARY KEY,
    person UUID NOT NULL REFERENCES person (id),
    credential_hash BYTEA NOT NULL UNIQUE,
    credential BYTEA NOT NULL,
    counter BIGINT NOT NULL,
    label BYTEA NOT NULL,
    created BIGINT NOT NULL,
    last_used BIGINT,
    removed BIGINT
);
CREATE INDEX passkey_person ON passkey (person);

-- The passkey that a browser was signed in by; none for links and demo.
ALTER TABLE sign_in ADD COLUMN passkey UUID REFERENCES passkey (id);

-- One-time links for making a passkey; only the hash of the token is kept (SEC-009).
CREATE TABLE staff_link (
    id UUID NOT NULL PRIMARY KEY,
    person UUID NOT NULL REFERENCES person (id),
    token_hash BYTEA NOT NULL UNIQUE,
    keeps_others BIGINT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    used BIGINT,
    replaced BIGINT
);
CREATE INDEX staff_link_person ON staff_link (person);

-- Passkey ceremonies under way, by the hash of the page's handle; `state` is sealed under the root key. A row is
-- answered once, and removed when its few minutes are over.
CREATE TABLE ceremony (
    handle_hash BYTEA NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    person UUID REFERENCES person (id),
    staff_link UUID REFERENCES staff_link (id),
    state BYTEA NOT NULL,
    begun BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    answered BIGINT
);
CREATE INDEX ceremony_expires ON ceremony (expires);

-- Who has which role where (FHIR PractitionerRole).
CREATE TABLE practitioner_role (
    id UUID NOT NULL PRIMARY KEY,
    person UUID NOT NULL REFERENCES person (id),
    organization UUID NOT NULL REFERENCES organization (id),
    role TEXT NOT NULL,
    since BIGINT NOT NULL,
    ended BIGINT
);
CREATE INDEX practitioner_role_person ON practitioner_role (person);
CREATE UNIQUE INDEX practitioner_role_standing ON practitioner_role (person, organization, role) WHERE ended IS NULL;
