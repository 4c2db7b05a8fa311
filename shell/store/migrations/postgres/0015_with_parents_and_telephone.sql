-- A small child who comes with her parents, on PostgreSQL; the same in ../sqlite. Times
-- are milliseconds since 1970, ids are uuids.

-- Since when she is a small child who comes with her parents; empty: she is asked before anybody is let in to her.
ALTER TABLE person ADD COLUMN with_parents BIGINT;
