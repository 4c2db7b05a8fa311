-- Who vouched for somebody, and devices that are lent for one hour, on SQLite; the same in ../postgres.

-- `vouched_by` is the member of staff who brought the person, `vouched_how` by what they knew her, empty when they did
-- not say so. `shared_for` is the invitation for
-- which staff lent this browser; the scope is given when she presses *start*, at `shared_begun`.
ALTER TABLE sign_in ADD COLUMN vouched_by BLOB REFERENCES person (id);
ALTER TABLE sign_in ADD COLUMN vouched_how TEXT;
ALTER TABLE sign_in ADD COLUMN shared_for BLOB REFERENCES invitation (id);
ALTER TABLE sign_in ADD COLUMN shared_begun INTEGER;
CREATE INDEX sign_in_shared ON sign_in (shared_for) WHERE shared_for IS NOT NULL;

-- A link that somebody shows to the person in the flesh.
ALTER TABLE personal_link ADD COLUMN vouched_by BLOB REFERENCES person (id);
ALTER TABLE personal_link ADD COLUMN vouched_how TEXT;
