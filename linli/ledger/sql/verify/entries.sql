-- Entries that do not follow from the one before on their account: a gap, a sum that does not add up, another unit, another hash.
SELECT CASE
        WHEN account IS NULL OR transfer IS NULL THEN 'entry_stray'
        WHEN version <> version_before + 1 THEN 'entry_gap'
        WHEN balance_after <> balance_before + amount THEN 'entry_sum'
        WHEN account_unit <> transfer_unit THEN 'entry_unit'
        ELSE 'entry_altered'
    END, coalesce(code, account_id::text), version
FROM (
    SELECT e.account_id, e.version, e.amount, e.balance_after, e.hash, a.code, a.id AS account, t.id AS transfer, a.unit AS account_unit,
        t.unit AS transfer_unit,
        lag(e.version, 1, 0::bigint) OVER w AS version_before, lag(e.balance_after, 1, 0::bigint) OVER w AS balance_before,
        'sha256:' || encode(sha256(convert_to(
            coalesce(lag(e.hash) OVER w, 'linli-account:' || a.uid) || E'\n'
            || jsonb_build_array(e.account_id, e.version, e.amount, e.balance_after)::text
            || jsonb_build_array(
                t.uid, t.key, t.digest, t.unit, t.kind, t.reverses, t.hold, (extract(epoch FROM t.event_at) * 1000000)::bigint,
                (extract(epoch FROM t.posted_at) * 1000000)::bigint, t.actor, t.reference
            )::text, 'UTF8')), 'hex') AS expected
    FROM ledger_entry e LEFT JOIN ledger_account a ON a.id = e.account_id LEFT JOIN ledger_transfer t ON t.id = e.transfer_id
    WINDOW w AS (PARTITION BY e.account_id ORDER BY e.version)
) AS walked
WHERE account IS NULL OR transfer IS NULL OR version <> version_before + 1 OR balance_after <> balance_before + amount
    OR account_unit <> transfer_unit OR hash IS DISTINCT FROM expected
ORDER BY account_id, version
