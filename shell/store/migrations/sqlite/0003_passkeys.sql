-- Passkeys, the ceremonies that are under way, one-time staff links and roles on SQLite; the same in ../postgres.

-- The public half of each passkey. `credential` and `label` are (sealed); `credential_hash` is SHA-256 of the
-- credential's id, by which an answer finds its passkey.
CREATE TABLE passkey (
    id BLOB NOT NULL PRIMARY KEY,
    person BLOB NOT NULL REFERENCES person (id),
    credential_hash BLOB NOT NULL UNIQUE,
    credential BLOB NOT NULL,
    counter INTEGER NOT NULL,
    label BLOB NOT NULL,
    created INTEGER NOT NULL,
    last_used INTEGER,
    removed INTEGER
) STRICT;
CREATE INDEX passkey_person ON passkey (person);

-- The passkey that a browser was signed in by; none for links and demo.
ALTER TABLE sign_in ADD COLUMN passkey BLOB REFERENCES passkey (id);

-- One-time links for making a passkey; only the hash of the token is kept (SEC-009).
CREATE TABLE staff_link (
    id BLOB NOT NULL PRIMARY KEY,
    person BLOB NOT NULL REFERENCES person (id),
    token_hash BLOB NOT NULL UNIQUE,
    keeps_others INTEGER NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    used INTEGER,
    replaced INTEGER
) STRICT;
CREATE INDEX staff_link_person ON staff_link (person);

-- Passkey ceremonies under way, by the hash of the page's handle; `state` is sealed under the root key. A row is
-- answered once, and removed when its few minutes are over.
CREATE TABLE ceremony (
    handle_hash BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    person BLOB REFERENCES person (id),
    staff_link BLOB REFERENCES staff_link (id),
    state BLOB NOT NULL,
    begun INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    answered INTEGER
) STRICT;
CREATE INDEX ceremony_expires ON ceremony (expires);

-- Who has which role where (FHIR PractitionerRole).
CREATE TABLE practitioner_role (
    id BLOB NOT NULL PRIMARY KEY,
    person BLOB NOT NULL REFERENCES person (id),
    organization BLOB NOT NULL REFERENCES organization (id),
    role TEXT NOT NULL,
    since INTEGER NOT NULL,
    ended INTEGER
) STRICT;
CREATE INDEX practitioner_role_person ON practitioner_role (person);
CREATE UNIQUE INDEX practitioner_role_standing ON practitioner_role (person, organization, role) WHERE ended IS NULL;
