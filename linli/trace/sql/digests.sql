-- The newest digest of every row that a fact speaks of, in the byte order of "label:key". Digests that are no object were altered: the chains say so.
SELECT DISTINCT ON (digest.key COLLATE "C") digest.key, digest.value, fact.id, fact.chain, fact.seq
FROM trace_fact AS fact CROSS JOIN LATERAL jsonb_each_text(CASE jsonb_typeof(fact.digests) WHEN 'object' THEN fact.digests ELSE '{}' END) AS digest
WHERE fact.digests <> '{}'
ORDER BY digest.key COLLATE "C", fact.id DESC
