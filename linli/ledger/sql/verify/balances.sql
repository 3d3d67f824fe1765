-- Balances that are not the sum of their entries, that hold something else than their open holds, or that are below their floor.
SELECT CASE
        WHEN b.account_id IS NULL THEN 'balance_missing'
        WHEN b.posted <> coalesce(e.total, 0) OR b.version <> coalesce(e.entries, 0)
            OR b.head <> coalesce(last.hash, 'linli-account:' || a.uid) THEN 'balance_differs'
        WHEN b.held <> coalesce(h.held, 0) THEN 'held_differs'
        ELSE 'below_floor'
    END, a.code, b.version
FROM ledger_account a
LEFT JOIN ledger_balance b ON b.account_id = a.id
LEFT JOIN (SELECT account_id, sum(amount) AS total, count(*) AS entries, max(version) AS newest FROM ledger_entry GROUP BY 1) AS e
    ON e.account_id = a.id
LEFT JOIN ledger_entry last ON last.account_id = a.id AND last.version = e.newest
LEFT JOIN (SELECT account_id, sum(amount) AS held FROM ledger_hold WHERE status = 'open' GROUP BY 1) AS h ON h.account_id = a.id
WHERE a.shards = 0 AND (
    b.account_id IS NULL OR b.posted <> coalesce(e.total, 0) OR b.version <> coalesce(e.entries, 0)
    OR b.head <> coalesce(last.hash, 'linli-account:' || a.uid) OR b.held <> coalesce(h.held, 0) OR b.posted - b.held < a.floor
)
ORDER BY a.id
