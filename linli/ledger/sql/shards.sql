-- Which account each leg is posted on: the one it names or, where that one is split, the shard that p_choice picks. A reversal names the
-- shards themselves. Refuses an account that does not exist or is of another unit. One query, no lock.
CREATE FUNCTION ledger_resolve(
    p_units text[], p_legs int[], p_codes text[], p_choice uuid,
    OUT o_accounts bigint[], OUT o_floors bigint[], OUT o_mains bigint[], OUT o_sharded boolean
) LANGUAGE plpgsql AS $$
DECLARE
    unknown text;
    other text;
BEGIN
    SELECT array_agg(coalesce(s.id, a.id) ORDER BY l.place), array_agg(coalesce(s.floor, a.floor) ORDER BY l.place),
        array_agg(coalesce(a.shard_of, a.id) ORDER BY l.place), coalesce(bool_or(a.shards > 0 OR a.shard_of IS NOT NULL), false),
        min(l.code) FILTER (WHERE a.id IS NULL), min(l.code) FILTER (WHERE a.unit <> p_units[l.transfer])
    INTO o_accounts, o_floors, o_mains, o_sharded, unknown, other
    FROM unnest(p_legs, p_codes) WITH ORDINALITY AS l (transfer, code, place)
    LEFT JOIN ledger_account a ON a.code = l.code
    LEFT JOIN ledger_account s
        ON a.shards > 0 AND s.code = a.code || '/' || (uuid_hash(p_choice)::bigint & 2147483647) % nullif(a.shards, 0);
    IF unknown IS NOT NULL THEN
        PERFORM ledger_error('LG003', 'unknown_account', jsonb_build_object('account', unknown));
    ELSIF other IS NOT NULL THEN
        PERFORM ledger_error('LG004', 'unit_mix', jsonb_build_object('account', other));
    END IF;
END $$;

-- Makes room on one shard: what p_need asks for beyond what it has comes from its sisters, in a transfer of its own among them.
-- If the rest suffices for as much again on every shard, all are made level; else the fullest give. Refuses only if all of them
-- together have less than p_need. The caller has locked every balance of the account.
CREATE FUNCTION ledger_level(p_shard bigint, p_need bigint, p_actor text, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    main bigint := (SELECT shard_of FROM ledger_account WHERE id = p_shard);
    unit_ text := (SELECT unit FROM ledger_account WHERE id = p_shard);
    own bigint; total bigint; pieces bigint; share bigint;
    accounts bigint[]; amounts bigint[];
    moved bigint;
BEGIN
    SELECT sum(b.posted - b.held - a.floor), count(*), sum(b.posted - b.held - a.floor) FILTER (WHERE a.id = p_shard)
    INTO total, pieces, own FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id WHERE a.shard_of = main;
    IF own >= p_need THEN
        RETURN;
    ELSIF total < p_need THEN
        PERFORM ledger_error('LG006', 'floor', jsonb_build_object('account', ledger_code(main), 'floor', (SELECT floor FROM ledger_account WHERE id = main),
            'available', total, 'asked', p_need));
    END IF;
    share := (total - p_need) / pieces;
    WITH have AS (
        SELECT a.id, b.posted - b.held - a.floor AS available,
            sum(b.posted - b.held - a.floor) OVER (ORDER BY b.posted - b.held - a.floor DESC, a.id) AS so_far
        FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id WHERE a.shard_of = main AND a.id <> p_shard
    ), given AS (
        SELECT id, CASE WHEN share >= p_need THEN share - available
            ELSE -greatest(0, least(available, p_need - own - (so_far - available))) END AS amount
        FROM have
    )
    SELECT array_agg(id ORDER BY id), array_agg(amount ORDER BY id), sum(amount) INTO accounts, amounts, moved FROM given WHERE amount <> 0;
    PERFORM ledger_move(unit_, accounts || p_shard, amounts || -moved, p_actor, p_now);
END $$;

-- A transfer of kind "level" between shards of one account.
CREATE FUNCTION ledger_move(p_unit text, p_accounts bigint[], p_amounts bigint[], p_actor text, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    uid_ uuid := gen_random_uuid();
    key_ text := 'level:' || uid_;
    made bigint;
    legs int := cardinality(p_accounts);
BEGIN
    INSERT INTO ledger_transfer (uid, key, digest, unit, kind, event_at, posted_at, actor, reference)
    VALUES (uid_, key_, '', p_unit, 'level', p_now, p_now, p_actor, '') RETURNING id INTO made;
    PERFORM ledger_write(
        ARRAY[made], ARRAY[ledger_text(uid_, key_, '', p_unit, 'level', NULL, NULL, p_now, p_now, p_actor, '')],
        array_fill(1, ARRAY[legs]), p_accounts, array_fill(NULL::bigint, ARRAY[legs]), p_amounts, array_fill(0::bigint, ARRAY[legs])
    );
END $$;

-- Lock these balances and those of every shard of these split accounts, in the one order.
CREATE FUNCTION ledger_lock_whole(p_accounts bigint[], p_mains bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM ledger_balance WHERE account_id IN (
        SELECT unnest(p_accounts) UNION SELECT a.id FROM ledger_account a WHERE a.shard_of = ANY (p_mains)
    ) ORDER BY account_id FOR UPDATE;
END $$;

-- For an act of several calls: locks the holds by id, then the balances of the accounts with all their shards and of the holds, in order.
-- Whatever the act then does with them waits for nobody. Answers what each account has, in the order asked.
CREATE FUNCTION ledger_lock(p_codes text[], p_holds uuid[]) RETURNS TABLE (o_code text, o_posted bigint, o_held bigint, o_floor bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, ledger_writes, pg_temp AS $$
DECLARE
    mains bigint[];
    unknown text;
    of_holds bigint[];
BEGIN
    SELECT array_agg(a.id), min(g.code) FILTER (WHERE a.id IS NULL) INTO mains, unknown
    FROM unnest(p_codes) AS g (code) LEFT JOIN ledger_account a ON a.code = g.code AND a.shard_of IS NULL;
    IF unknown IS NOT NULL THEN
        PERFORM ledger_error('LG003', 'unknown_account', jsonb_build_object('account', unknown));
    END IF;
    SELECT array_agg(h.account_id) INTO of_holds
    FROM (SELECT account_id FROM ledger_hold WHERE uid = ANY (p_holds) ORDER BY id FOR UPDATE) AS h;
    PERFORM ledger_lock_whole(mains || of_holds, mains);
    RETURN QUERY SELECT g.code, sum(b.posted)::bigint, sum(b.held)::bigint, m.floor
    FROM unnest(p_codes) WITH ORDINALITY AS g (code, place) JOIN ledger_account m ON m.code = g.code
    JOIN ledger_account a ON CASE m.shards WHEN 0 THEN a.id = m.id ELSE a.shard_of = m.id END
    JOIN ledger_balance b ON b.account_id = a.id
    GROUP BY g.place, g.code, m.floor ORDER BY g.place;
END $$;
