-- Messages on SQLite; the same in ../postgres. The outbox that invitations and reminders leave from, and where they
-- reach people. What was said is not kept: a text is made when it leaves, from what is booked.

-- Where mail reaches the person (sealed), and by which way messages are wanted; empty: has not said.
ALTER TABLE person ADD COLUMN email BLOB;
ALTER TABLE person ADD COLUMN wanted_channel TEXT;

-- One message to one person about one appointment. `claims` counts how often a worker took it, `tries` how often since
-- somebody last asked; `reference` is the right side of the identifier that stays the same over all tries.
CREATE TABLE message (
    id BLOB NOT NULL PRIMARY KEY,
    organization BLOB NOT NULL REFERENCES organization (id),
    appointment BLOB NOT NULL REFERENCES appointment (id),
    invitation BLOB NOT NULL REFERENCES invitation (id),
    person BLOB NOT NULL REFERENCES person (id),
    channel TEXT NOT NULL,
    kind TEXT NOT NULL,
    wording TEXT NOT NULL,
    way TEXT NOT NULL,
    with_link INTEGER NOT NULL,
    starts INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    due INTEGER NOT NULL,
    useless_after INTEGER NOT NULL,
    claims INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    lease INTEGER,
    worker TEXT,
    reference TEXT,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL
) STRICT;
CREATE INDEX message_waiting ON message (state, channel, due);
CREATE INDEX message_appointment ON message (appointment, created);
-- A worker sends one at a time (SEC-060).
CREATE UNIQUE INDEX message_in_hand ON message (worker) WHERE state = 'claimed';
