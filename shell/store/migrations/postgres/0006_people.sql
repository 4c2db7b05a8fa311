-- People and places on PostgreSQL; the same in ../sqlite. How a person's address is graded, whom an organisation works
-- with, whom to call there and what it says itself.

-- The grading of the address in the population register; `open` is none.
ALTER TABLE person ADD COLUMN protection TEXT NOT NULL DEFAULT 'open';

-- Organisations that an organisation works with; `partner` is the other one, entered by the first.
CREATE TABLE partner (
    organization UUID NOT NULL REFERENCES organization (id),
    partner UUID NOT NULL REFERENCES organization (id),
    since BIGINT NOT NULL,
    PRIMARY KEY (organization, partner)
);
CREATE INDEX partner_partner ON partner (partner);

-- Whom to call, where an organisation says otherwise than the installation; numbers and hours as they are written.
CREATE TABLE helpline (
    organization UUID NOT NULL REFERENCES organization (id),
    line TEXT NOT NULL,
    number TEXT NOT NULL,
    hours TEXT,
    PRIMARY KEY (organization, line)
);

-- Sentences that an organisation says itself, by language.
CREATE TABLE sentence (
    organization UUID NOT NULL REFERENCES organization (id),
    sentence TEXT NOT NULL,
    language TEXT NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (organization, sentence, language)
);

-- Who came to which role and access, for the administrator's short list.
CREATE INDEX audit_event_access ON audit_event (organization, sequence)
    WHERE action IN ('role_granted', 'role_ended', 'staff_link_issued', 'staff_link_used', 'staff_link_revoked',
        'passkey_added', 'passkey_removed', 'organization_added', 'organization_changed', 'helplines_changed');
