-- Every transfer beside its fact: the hashes of its entries, and the root that the fact keeps of them.
SELECT coalesce(t.uid::text, substr(f.subject, 10)), t.hashes, f.root
FROM (
    SELECT t.uid, string_agg(e.hash, E'\n' ORDER BY e.account_id, e.version) AS hashes
    FROM ledger_transfer t LEFT JOIN ledger_entry e ON e.transfer_id = t.id GROUP BY t.uid
) AS t
FULL JOIN (SELECT subject, payload->>'root' AS root FROM trace_fact WHERE type = 'ledger.posted' AND echo_of IS NULL) AS f
    ON f.subject = ('transfer:' || t.uid) COLLATE "C"
