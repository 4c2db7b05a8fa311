-- When an hour was closed for the first time; the same in ../postgres. Kept in step with its record: what is not closed is
-- found by an index that holds nothing else, however many years were closed.

ALTER TABLE appointment ADD COLUMN closed INTEGER;
UPDATE appointment SET closed = (SELECT MIN(e.closed) FROM encounter e WHERE e.appointment = appointment.id);
CREATE INDEX appointment_not_closed ON appointment (responsible, starts)
    WHERE closed IS NULL AND cancelled IS NULL AND kind <> 'practice';
