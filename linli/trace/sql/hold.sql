-- Lock the heads in chain order, the same for every act, and take the fact ids in the same round trip.
SELECT chain, seq, hash, ARRAY(SELECT nextval('trace_fact_id') FROM generate_series(1, %s))
FROM trace_head
WHERE chain = ANY(%s)
ORDER BY chain
FOR UPDATE
