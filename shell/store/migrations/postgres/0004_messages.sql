-- Messages on PostgreSQL; the same in ../sqlite. The outbox that invitations and reminders leave from, and where they
-- reach people. What was said is not kept: a text is made when it leaves, from what is booked.

-- Where mail reaches the person (sealed), and by which way messages are wanted; empty: has not said.
ALTER TABLE person ADD COLUMN email BYTEA;
ALTER TABLE person ADD COLUMN wanted_channel TEXT;

-- One message to one person about one appointment. `claims` counts how often a worker took it, `tries` how often since
-- somebody last asked; `reference` is the right side of the identifier that stays the same over all tries.
CREATE TABLE message (
    id UUID NOT NULL PRIMARY KEY,
    organization UUID NOT NULL REFERENCES organization (id),
    appointment UUID NOT NULL REFERENCES appointment (id),
    invitation UUID NOT NULL REFERENCES invitation (id),
    person UUID NOT NULL REFERENCES person (id),
    channel TEXT NOT NULL,
    kind TEXT NOT NULL,
    wording TEXT NOT NULL,
    way TEXT NOT NULL,
    with_link BIGINT NOT NULL,
    starts BIGINT NOT NULL,
    ends BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    due BIGINT NOT NULL,
    useless_after BIGINT NOT NULL,
    claims BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    lease BIGINT,
    worker TEXT,
    reference TEXT,
    created BIGINT NOT NULL,
    changed BIGINT NOT NULL
);
CREATE INDEX message_waiting ON message (state, channel, due);
CREATE INDEX message_appointment ON message (appointment, created);
-- A worker sends one at a time (SEC-060).
CREATE UNIQUE INDEX message_in_hand ON message (worker) WHERE state = 'claimed';
