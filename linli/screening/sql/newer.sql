-- Subjects whose determination changed after the run's snapshot was taken: the run knows less than what stands.
WITH later AS (
    INSERT INTO newer
    SELECT DISTINCT d.subject FROM screening_determination AS d
     WHERE d.programme = %(programme)s AND (d.since > %(taken_at)s OR d.until > %(taken_at)s)
 RETURNING subject
)
DELETE FROM screened AS s USING later AS l WHERE l.subject = s.subject
