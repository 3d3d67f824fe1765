COPY trace_fact
    (id, chain, seq, uid, type, version, occurred_at, recorded_at, actor, subject, area, payload, digests, echo_of, hash)
FROM STDIN
