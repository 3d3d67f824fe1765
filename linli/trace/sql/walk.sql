SELECT chain, seq, id, uid, type, version, occurred_at, recorded_at, actor, subject, area, echo_of, payload::text, digests::text, hash
FROM trace_fact
WHERE %(only)s::int IS NULL OR chain = %(only)s::int
ORDER BY chain, seq, id
