-- Post a set of transfers, all or none, each balanced in one unit. A key that was posted before with the same digest is answered with
-- that transfer; with another digest the whole set is refused.
-- Locks, until the commit: the keys in their order, the holds, then the balances in the order of their accounts.
CREATE FUNCTION ledger_post(
    p_actor text, p_now timestamptz,
    p_uids uuid[], p_keys text[], p_digests text[], p_units text[], p_kinds text[], p_events timestamptz[], p_references text[],
    p_reverses uuid[], p_holds uuid[],
    p_legs int[], p_codes text[], p_amounts bigint[],
    OUT o_uids uuid[], OUT o_fresh boolean[]
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, ledger_writes, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    ids bigint[];
    texts text[];
    reused text;
    at record;
    unheld bigint[] := array_fill(0::bigint, ARRAY[cardinality(p_legs)]);
    freed record;
BEGIN
    INSERT INTO ledger_transfer (uid, key, digest, unit, kind, reverses, hold, event_at, posted_at, actor, reference)
    SELECT uid, key, digest, unit, kind, reverses, hold, event_at, p_now, p_actor, reference
    FROM unnest(p_uids, p_keys, p_digests, p_units, p_kinds, p_events, p_references, p_reverses, p_holds)
        AS given (uid, key, digest, unit, kind, event_at, reference, reverses, hold)
    ORDER BY key ON CONFLICT (key) DO NOTHING;
    SELECT array_agg(CASE WHEN t.uid = g.uid THEN t.id END ORDER BY g.place), array_agg(t.uid ORDER BY g.place),
        array_agg(t.uid = g.uid ORDER BY g.place), min(g.key) FILTER (WHERE t.digest <> g.digest), array_agg(ledger_text(
            t.uid, t.key, t.digest, t.unit, t.kind, t.reverses, t.hold, t.event_at, t.posted_at, t.actor, t.reference) ORDER BY g.place)
    INTO ids, o_uids, o_fresh, reused, texts
    FROM unnest(p_uids, p_keys, p_digests) WITH ORDINALITY AS g (uid, key, digest, place) JOIN ledger_transfer t ON t.key = g.key;
    IF reused IS NOT NULL THEN
        PERFORM ledger_error('LG002', 'key_reused', jsonb_build_object('key', reused));
    ELSIF NOT true = ANY (o_fresh) THEN
        RETURN;
    END IF;
    at := ledger_resolve(p_units, p_legs, p_codes, p_uids[1]);
    IF p_holds IS NOT NULL THEN
        freed := ledger_use_holds(ids, p_holds, p_legs, p_amounts, at.o_accounts, at.o_mains, at.o_floors, p_now);
        at.o_accounts := freed.o_accounts; at.o_floors := freed.o_floors; unheld := freed.o_unheld;
    END IF;
    IF NOT at.o_sharded THEN
        PERFORM ledger_write(ids, texts, p_legs, at.o_accounts, at.o_floors, p_amounts, unheld);
        RETURN;
    END IF;
    BEGIN
        PERFORM ledger_write(ids, texts, p_legs, at.o_accounts, at.o_floors, p_amounts, unheld);
    EXCEPTION WHEN SQLSTATE 'LG006' THEN
        -- The failed attempt has given its locks back with its subtransaction: now all shards are locked, again in order.
        PERFORM ledger_write_levelled(ids, texts, p_legs, at.o_accounts, at.o_mains, at.o_floors, p_amounts, unheld, p_actor, p_now);
    END;
END $$;

-- As ledger_write, after every shard of the accounts concerned is locked and those that lack money were given some by their sisters.
CREATE FUNCTION ledger_write_levelled(
    p_ids bigint[], p_texts text[], p_legs int[], p_accounts bigint[], p_mains bigint[], p_floors bigint[], p_amounts bigint[], p_unheld bigint[],
    p_actor text, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    need record;
BEGIN
    PERFORM ledger_lock_whole(p_accounts, p_mains);
    FOR need IN
        SELECT l.account, -min(l.running) AS lowest
        FROM (
            SELECT account, transfer, sum(amount + unheld) OVER (PARTITION BY account ORDER BY place) AS running
            FROM unnest(p_accounts, p_legs, p_amounts, p_unheld, p_floors) WITH ORDINALITY AS g (account, transfer, amount, unheld, floor, place)
            WHERE floor IS NOT NULL AND p_ids[transfer] IS NOT NULL
        ) AS l JOIN ledger_account a ON a.id = l.account AND a.shard_of IS NOT NULL
        GROUP BY l.account HAVING min(l.running) < 0 ORDER BY l.account
    LOOP
        PERFORM ledger_level(need.account, need.lowest::bigint, p_actor, p_now);
    END LOOP;
    PERFORM ledger_write(p_ids, p_texts, p_legs, p_accounts, p_floors, p_amounts, p_unheld);
END $$;

-- The same transfers the other way round, entry by entry, all or none. A transfer is reversed once; a reversal is not reversed, it is posted anew.
CREATE FUNCTION ledger_reverse(
    p_actor text, p_now timestamptz, p_uids uuid[], p_keys text[], p_digests text[], p_events timestamptz[], p_references text[], p_reverses uuid[],
    OUT o_uids uuid[], OUT o_fresh boolean[]
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, ledger_writes, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    original record;
    mirror record;
BEGIN
    SELECT array_agg(o.unit ORDER BY r.place) AS units, min(r.uid::text) FILTER (WHERE o.id IS NULL) AS unknown,
        min(r.uid::text) FILTER (WHERE o.reverses IS NOT NULL OR o.kind = 'level') AS final
    INTO original FROM unnest(p_reverses) WITH ORDINALITY AS r (uid, place) LEFT JOIN ledger_transfer o ON o.uid = r.uid;
    IF original.unknown IS NOT NULL THEN
        PERFORM ledger_error('LG007', 'unknown_transfer', jsonb_build_object('transfer', original.unknown));
    ELSIF original.final IS NOT NULL THEN
        PERFORM ledger_error('LG008', 'not_reversible', jsonb_build_object('transfer', original.final));
    END IF;
    SELECT array_agg(r.place::int ORDER BY r.place, e.account_id, e.version) AS legs,
        array_agg(a.code ORDER BY r.place, e.account_id, e.version) AS codes,
        array_agg(-e.amount ORDER BY r.place, e.account_id, e.version) AS amounts
    INTO mirror FROM unnest(p_reverses) WITH ORDINALITY AS r (uid, place)
    JOIN ledger_transfer o ON o.uid = r.uid JOIN ledger_entry e ON e.transfer_id = o.id JOIN ledger_account a ON a.id = e.account_id;
    SELECT w.o_uids, w.o_fresh INTO o_uids, o_fresh
    FROM ledger_post(
        p_actor, p_now, p_uids, p_keys, p_digests, original.units, array_fill('reversal'::text, ARRAY[cardinality(p_uids)]), p_events,
        p_references, p_reverses, NULL, mirror.legs, mirror.codes, mirror.amounts
    ) AS w;
END $$;
