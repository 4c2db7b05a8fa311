-- When the hour is that somebody is invited to; the same in ../sqlite. Kept in step with the appointment: a person's hours
-- around a moment are found by an index, however many years she has been here.

ALTER TABLE invitation ADD COLUMN starts BIGINT NOT NULL DEFAULT 0;
UPDATE invitation SET starts = (SELECT a.starts FROM appointment a WHERE a.id = invitation.appointment);
DROP INDEX invitation_person;
CREATE INDEX invitation_person ON invitation (person, starts);

-- Who came in by an invitation or a passkey, when it ends.
CREATE INDEX sign_in_scope_invitation ON sign_in_scope (invitation);
CREATE INDEX sign_in_passkey ON sign_in (passkey) WHERE passkey IS NOT NULL;
