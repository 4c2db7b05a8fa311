-- A small child who comes with her parents, on SQLite; the same in ../postgres. Times
-- are milliseconds since 1970, ids are 16 bytes.

-- Since when she is a small child who comes with her parents; empty: she is asked before anybody is let in to her.
ALTER TABLE person ADD COLUMN with_parents INTEGER;
