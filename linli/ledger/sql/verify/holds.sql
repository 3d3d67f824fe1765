-- Holds that are not what their facts and transfers say.
SELECT CASE WHEN h.id IS NULL THEN 'hold_missing' WHEN held.subject IS NULL THEN 'hold_unrecorded' ELSE 'hold_altered' END,
    coalesce(h.uid::text, substr(held.subject, 6)), NULL::bigint
FROM ledger_hold h
FULL JOIN (SELECT subject, payload FROM trace_fact WHERE type = 'ledger.held' AND echo_of IS NULL) AS held ON held.subject = ('hold:' || h.uid) COLLATE "C"
LEFT JOIN (SELECT subject FROM trace_fact WHERE type = 'ledger.released' AND echo_of IS NULL) AS freed ON freed.subject = held.subject
LEFT JOIN ledger_transfer t ON t.hold = h.uid
WHERE h.id IS NULL OR held.subject IS NULL OR (held.payload->>'amount')::bigint <> h.amount
    OR h.status <> CASE WHEN t.id IS NOT NULL THEN 'posted' WHEN freed.subject IS NOT NULL THEN 'released' ELSE 'open' END
ORDER BY 2
