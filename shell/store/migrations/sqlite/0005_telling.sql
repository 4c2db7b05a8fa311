-- How people are told, on SQLite; the same in ../postgres.

-- In which words, and whether with a link; both empty: nobody is told by message.
ALTER TABLE appointment ADD COLUMN wording TEXT;
ALTER TABLE appointment ADD COLUMN with_link INTEGER;

-- Who held the appointment when the message was laid in; what she was told last is what news is measured against.
ALTER TABLE message ADD COLUMN held_by BLOB;
CREATE INDEX message_invitation ON message (invitation, sequence);
-- A try before the last one may have arrived.
ALTER TABLE message ADD COLUMN doubted INTEGER NOT NULL DEFAULT 0;
