-- An account with its balance, or with its shards and theirs. Shards share the floor; the first bears what does not divide.
CREATE FUNCTION ledger_open(
    p_uids uuid[], p_code text, p_unit text, p_kind text, p_floor bigint, p_purpose text, p_now timestamptz
) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, ledger_writes, pg_temp AS $$
DECLARE
    pieces bigint := cardinality(p_uids) - 1;
    main bigint;
BEGIN
    INSERT INTO ledger_account (uid, code, unit, kind, floor, purpose, shards, opened)
    VALUES (p_uids[1], p_code, p_unit, p_kind, p_floor, p_purpose, pieces, p_now) RETURNING id INTO main;
    INSERT INTO ledger_account (uid, code, unit, kind, floor, purpose, shard_of, opened)
    SELECT p_uids[n + 2], p_code || '/' || n, p_unit, p_kind, p_floor / nullif(pieces, 0) + CASE n WHEN 0 THEN p_floor % nullif(pieces, 0) ELSE 0 END, p_purpose, main, p_now
    FROM generate_series(0, pieces - 1) AS n;
    INSERT INTO ledger_balance (account_id, head)
    SELECT id, 'linli-account:' || uid FROM ledger_account WHERE CASE pieces WHEN 0 THEN id = main ELSE shard_of = main END;
    RETURN QUERY SELECT a.id FROM ledger_account a WHERE main IN (a.id, a.shard_of) ORDER BY a.id;
END $$;

-- No more entries. Only an account at zero, with nothing held on it, can be closed. Locks its balances in order.
CREATE FUNCTION ledger_close(p_code text, p_now timestamptz) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, ledger_writes, pg_temp AS $$
DECLARE
    main ledger_account;
    found record;
BEGIN
    SELECT * INTO main FROM ledger_account WHERE code = p_code AND shard_of IS NULL;
    IF main.id IS NULL THEN
        PERFORM ledger_error('LG003', 'unknown_account', jsonb_build_object('account', p_code));
    END IF;
    FOR found IN
        SELECT b.posted, b.held, b.closed_at FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
        WHERE main.id IN (a.id, a.shard_of) ORDER BY b.account_id FOR UPDATE OF b
    LOOP
        IF found.closed_at IS NOT NULL THEN
            PERFORM ledger_error('LG005', 'closed_account', jsonb_build_object('account', p_code));
        ELSIF found.posted <> 0 OR found.held <> 0 THEN
            PERFORM ledger_error('LG011', 'not_empty', jsonb_build_object('account', p_code, 'posted', found.posted, 'held', found.held));
        END IF;
    END LOOP;
    UPDATE ledger_balance b SET closed_at = p_now FROM ledger_account a WHERE a.id = b.account_id AND main.id IN (a.id, a.shard_of);
    RETURN main.uid;
END $$;
