-- What an admission was like, on PostgreSQL; the same in ../sqlite. The encounter writes itself from these.

-- By what somebody came (a telephone, a tablet, a computer), over what the media travelled, how long the camera was on.
ALTER TABLE admission ADD COLUMN device TEXT;
ALTER TABLE admission ADD COLUMN network TEXT;
ALTER TABLE admission ADD COLUMN pictured_ms BIGINT;
