-- Transfers whose entries do not sum to zero, reversals that are no mirror image, payments out of anything but one fund.
WITH legs AS (
    SELECT e.transfer_id, sum(e.amount) AS total, count(*) AS entries, count(DISTINCT coalesce(a.shard_of, a.id)) FILTER (WHERE a.kind = 'fund') AS funds
    FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id GROUP BY 1
)
SELECT CASE
        WHEN l.total IS NULL OR l.total <> 0 THEN 'transfer_unbalanced'
        WHEN t.reverses IS NOT NULL THEN 'reversal_differs'
        ELSE 'fund_unclear'
    END, t.uid::text, NULL::bigint
FROM ledger_transfer t
LEFT JOIN legs l ON l.transfer_id = t.id
LEFT JOIN ledger_transfer o ON o.uid = t.reverses
WHERE l.total IS NULL OR l.total <> 0 OR (t.kind = 'fund.spend' AND l.funds <> 1)
    OR (t.reverses IS NOT NULL AND (o.id IS NULL OR EXISTS (
        SELECT 1 FROM ledger_entry e WHERE e.transfer_id IN (t.id, o.id) GROUP BY e.account_id HAVING sum(e.amount) <> 0)))
ORDER BY t.id
