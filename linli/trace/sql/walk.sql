-- A moment outside the calendar, which only an altered fact can hold, comes as null.
SELECT chain, seq, id, uid, type, version,
       CASE WHEN occurred_at BETWEEN '0001-01-02' AND '9999-12-30' THEN occurred_at END,
       CASE WHEN recorded_at BETWEEN '0001-01-02' AND '9999-12-30' THEN recorded_at END,
       actor, subject, area, echo_of, payload::text, digests::text, hash
FROM trace_fact
WHERE %(only)s::int IS NULL OR chain = %(only)s::int
ORDER BY chain, seq, id
