-- When the hour is that somebody is invited to; the same in ../sqlite. Kept in step with the appointment: a person's hours
-- around a moment are found by an index, however many years she has been here.

ALTER TABLE invitation ADD COLUMN starts BIGINT NOT NULL DEFAULT 0;
UPDATE invitation SET starts = (SELECT a.starts FROM appointment a WHERE a.id = invitation.appointment);
DROP INDEX invitation_person;
CREATE INDEX invitation_person ON invitation (person, starts);

-- Who came in by an invitation or a passkey, when it ends.
CREATE INDEX sign_in_scope_invitation ON sign_in_scope (invitation);
CREATE INDEX sign_in_passkey ON sign_in (passkey) WHERE passkey IS NOT NULL;

-- The log is found by its keys alone. What nobody searches by needs no statistics, and what somebody does needs few: a
-- table that grows all day is analysed again and again.
ALTER TABLE audit_event
    ALTER COLUMN sequence SET STATISTICS 10,
    ALTER COLUMN organization SET STATISTICS 10,
    ALTER COLUMN about SET STATISTICS 10,
    ALTER COLUMN action SET STATISTICS 10,
    ALTER COLUMN id SET STATISTICS 0,
    ALTER COLUMN at SET STATISTICS 0,
    ALTER COLUMN actor_kind SET STATISTICS 0,
    ALTER COLUMN actor_id SET STATISTICS 0,
    ALTER COLUMN outcome SET STATISTICS 0,
    ALTER COLUMN purpose SET STATISTICS 0,
    ALTER COLUMN object_kind SET STATISTICS 0,
    ALTER COLUMN object_id SET STATISTICS 0,
    ALTER COLUMN details SET STATISTICS 0,
    ALTER COLUMN hash SET STATISTICS 0;
