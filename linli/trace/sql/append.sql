WITH moved AS (
    UPDATE trace_head SET seq = new_head.seq, hash = new_head.hash
    FROM unnest(%s::int[], %s::bigint[], %s::text[]) AS new_head (chain, seq, hash)
    WHERE trace_head.chain = new_head.chain
)
INSERT INTO trace_fact
    (id, chain, seq, uid, type, version, occurred_at, recorded_at, actor, subject, area, payload, digests, echo_of, hash)
SELECT * FROM unnest(
    %s::bigint[], %s::int[], %s::bigint[], %s::uuid[], %s::text[], %s::smallint[], %s::timestamptz[], %s::timestamptz[],
    %s::text[], %s::text[], %s::text[], %s::jsonb[], %s::jsonb[], %s::bigint[], %s::text[]
)
