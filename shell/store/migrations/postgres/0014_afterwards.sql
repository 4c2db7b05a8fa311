-- Afterwards, on PostgreSQL; the same in ../sqlite: three questions after an hour, who may see what was agreed, company.
-- Times are milliseconds since 1970, ids are uuids; (sealed) as in 0001.

-- That she was asked after an hour, and what became of it. `clinician` is whom the form offered to tell; `contents` is what
-- she told (sealed), empty when she told nobody, was counted, or took it back.
CREATE TABLE questions (
    invitation UUID NOT NULL PRIMARY KEY REFERENCES invitation (id),
    person UUID NOT NULL REFERENCES person (id),
    clinician UUID REFERENCES person (id),
    asked BIGINT NOT NULL,
    standing TEXT NOT NULL,
    contents BYTEA
);
CREATE INDEX questions_person ON questions (person, asked);

-- How often something was answered by those who wanted to be counted only: no person, no hour, no day, no row of anybody's.
CREATE TABLE questions_count (
    organization UUID NOT NULL REFERENCES organization (id),
    month TEXT NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (organization, month, question, answer)
);

-- Since when she is not asked, at all or after this hour; empty: she may be.
ALTER TABLE person ADD COLUMN questions_off BIGINT;
ALTER TABLE appointment ADD COLUMN questions_off BIGINT;

-- Whether she sees it on her own page; what was written before she could is not for her.
ALTER TABLE task ADD COLUMN for_her BIGINT NOT NULL DEFAULT 0;

-- How somebody was gone when the admission ended, if they were.
ALTER TABLE admission ADD COLUMN away TEXT;

-- Somebody is asked to look in once in an hour.
CREATE UNIQUE INDEX message_look_in ON message (invitation) WHERE kind = 'look_in';
