-- Afterwards, on SQLite; the same in ../postgres: three questions after an hour, who may see what was agreed, company.
-- Times are milliseconds since 1970, ids are 16 bytes; (sealed) as in 0001.

-- That she was asked after an hour, and what became of it. `clinician` is whom the form offered to tell; `contents` is what
-- she told (sealed), empty when she told nobody, was counted, or took it back.
CREATE TABLE questions (
    invitation BLOB NOT NULL PRIMARY KEY REFERENCES invitation (id),
    person BLOB NOT NULL REFERENCES person (id),
    clinician BLOB REFERENCES person (id),
    asked INTEGER NOT NULL,
    standing TEXT NOT NULL,
    contents BLOB
) STRICT;
CREATE INDEX questions_person ON questions (person, asked);

-- How often something was answered by those who wanted to be counted only: no person, no hour, no day, no row of anybody's.
CREATE TABLE questions_count (
    organization BLOB NOT NULL REFERENCES organization (id),
    month TEXT NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    times INTEGER NOT NULL,
    PRIMARY KEY (organization, month, question, answer)
) STRICT;

-- Since when she is not asked, at all or after this hour; empty: she may be.
ALTER TABLE person ADD COLUMN questions_off INTEGER;
ALTER TABLE appointment ADD COLUMN questions_off INTEGER;

-- Whether she sees it on her own page; what was written before she could is not for her.
ALTER TABLE task ADD COLUMN for_her INTEGER NOT NULL DEFAULT 0;

-- How somebody was gone when the admission ended, if they were.
ALTER TABLE admission ADD COLUMN away TEXT;

-- Somebody is asked to look in once in an hour.
CREATE UNIQUE INDEX message_look_in ON message (invitation) WHERE kind = 'look_in';
