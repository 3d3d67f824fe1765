-- The sum of each unit, which is zero at every moment.
SELECT 'unit_sum', unit, sum(posted)::bigint FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id GROUP BY unit HAVING sum(posted) <> 0
