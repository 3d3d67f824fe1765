-- Set amounts of accounts aside, all or none: posted - held never falls below a floor. A key that was used before with the same digest is
-- answered with the hold that stands. On a split account the holds stand on one shard, which its sisters may have to fill first.
-- Locks the keys in their order, then the balances in the order of their accounts, of all shards where one alone has not enough.
CREATE FUNCTION ledger_hold(
    p_actor text, p_now timestamptz, p_uids uuid[], p_keys text[], p_digests text[], p_codes text[], p_units text[], p_amounts bigint[],
    p_expires timestamptz[], p_references text[],
    OUT o_uids uuid[], OUT o_fresh boolean[]
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, ledger_writes, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    at record;
    reused text;
    ids bigint[];
BEGIN
    at := ledger_resolve(p_units, ARRAY(SELECT generate_series(1, cardinality(p_codes))), p_codes, p_uids[1]);
    INSERT INTO ledger_hold (uid, key, digest, account_id, amount, expires, held_at, actor, reference)
    SELECT uid, key, digest, account, amount, expires, p_now, p_actor, reference
    FROM unnest(p_uids, p_keys, p_digests, at.o_accounts, p_amounts, p_expires, p_references)
        AS given (uid, key, digest, account, amount, expires, reference)
    ORDER BY key ON CONFLICT (key) DO NOTHING;
    SELECT array_agg(h.uid ORDER BY g.place), array_agg(h.uid = g.uid ORDER BY g.place), min(g.key) FILTER (WHERE h.digest <> g.digest),
        array_agg(h.id) FILTER (WHERE h.uid = g.uid)
    INTO o_uids, o_fresh, reused, ids
    FROM unnest(p_uids, p_keys, p_digests) WITH ORDINALITY AS g (uid, key, digest, place) JOIN ledger_hold h ON h.key = g.key;
    IF reused IS NOT NULL THEN
        PERFORM ledger_error('LG002', 'key_reused', jsonb_build_object('key', reused));
    ELSIF ids IS NULL THEN
        RETURN;
    ELSIF NOT at.o_sharded THEN
        PERFORM ledger_set_aside(ids);
        RETURN;
    END IF;
    BEGIN
        PERFORM ledger_set_aside(ids);
    EXCEPTION WHEN SQLSTATE 'LG006' THEN
        PERFORM ledger_lock_whole(at.o_accounts, at.o_mains);
        PERFORM ledger_level(h.account_id, sum(h.amount)::bigint, p_actor, p_now)
        FROM ledger_hold h JOIN ledger_account a ON a.id = h.account_id
        WHERE h.id = ANY (ids) AND a.shard_of IS NOT NULL AND a.floor IS NOT NULL GROUP BY h.account_id ORDER BY h.account_id;
        PERFORM ledger_set_aside(ids);
    END;
END $$;

-- What new holds set aside on their accounts, in the order of the accounts.
CREATE FUNCTION ledger_set_aside(p_ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT b.account_id, b.posted, b.held, b.closed_at, a.floor, asked.amount
        FROM (SELECT account_id, sum(amount)::bigint AS amount FROM ledger_hold WHERE id = ANY (p_ids) GROUP BY account_id) AS asked
        JOIN ledger_account a ON a.id = asked.account_id JOIN ledger_balance b ON b.account_id = a.id
        ORDER BY b.account_id FOR UPDATE OF b
    LOOP
        IF one.closed_at IS NOT NULL THEN
            PERFORM ledger_error('LG005', 'closed_account', jsonb_build_object('account', ledger_code(one.account_id)));
        ELSIF one.posted - one.held - one.amount < one.floor THEN
            PERFORM ledger_error('LG006', 'floor', jsonb_build_object('account', ledger_code(one.account_id), 'floor', one.floor,
                'available', one.posted - one.held - one.floor, 'asked', one.amount));
        END IF;
    END LOOP;
    UPDATE ledger_balance b SET held = held + asked.amount
    FROM (SELECT account_id, sum(amount)::bigint AS amount FROM ledger_hold WHERE id = ANY (p_ids) GROUP BY account_id) AS asked
    WHERE b.account_id = asked.account_id;
END $$;

-- Give back what holds set aside, all or none. Those released before are passed over. Locks the holds by id, then their balances in order.
CREATE FUNCTION ledger_release(p_now timestamptz, p_uids uuid[]) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, ledger_writes, pg_temp AS $$
DECLARE
    ids bigint[];
    ended record;
BEGIN
    SELECT array_agg(h.id) FILTER (WHERE h.status = 'open') AS open, count(*) AS known, min(h.uid::text) FILTER (WHERE h.status = 'posted') AS posted
    INTO ended FROM (SELECT * FROM ledger_hold WHERE uid = ANY (p_uids) ORDER BY id FOR UPDATE) AS h;
    IF ended.known < cardinality(p_uids) OR ended.posted IS NOT NULL THEN
        PERFORM ledger_error('LG009', 'hold_not_open', jsonb_build_object('hold', coalesce(ended.posted, 'unknown')));
    END IF;
    ids := ended.open;
    PERFORM 1 FROM ledger_balance WHERE account_id IN (SELECT account_id FROM ledger_hold WHERE id = ANY (ids)) ORDER BY account_id FOR UPDATE;
    UPDATE ledger_balance b SET held = b.held - freed.amount
    FROM (SELECT account_id, sum(amount)::bigint AS amount FROM ledger_hold WHERE id = ANY (ids) GROUP BY account_id) AS freed
    WHERE b.account_id = freed.account_id;
    RETURN QUERY UPDATE ledger_hold SET status = 'released', ended_at = p_now WHERE id = ANY (ids) RETURNING uid;
END $$;

-- Holds that transfers of a set are to be paid from: each leg that takes from a hold's account is posted on the very shard that holds it,
-- and sets all of the hold free. Refuses a hold that is not open, has expired, is of another account or too small. Locks the holds by id.
CREATE FUNCTION ledger_use_holds(
    p_ids bigint[], p_holds uuid[], p_legs int[], p_amounts bigint[], p_accounts bigint[], p_mains bigint[], p_floors bigint[], p_now timestamptz,
    OUT o_accounts bigint[], OUT o_floors bigint[], OUT o_unheld bigint[]
) LANGUAGE plpgsql AS $$
DECLARE
    wanted uuid[] := ARRAY(SELECT uid FROM unnest(p_ids, p_holds) AS g (id, uid) WHERE id IS NOT NULL AND uid IS NOT NULL);
    usable uuid[];
    late text;
    used_legs bigint;
    small text;
BEGIN
    SELECT array_agg(h.uid), min(h.uid::text) FILTER (WHERE h.expires < p_now) INTO usable, late
    FROM (SELECT * FROM ledger_hold WHERE uid = ANY (wanted) AND status = 'open' ORDER BY id FOR UPDATE) AS h WHERE h.status = 'open';
    IF late IS NOT NULL THEN
        PERFORM ledger_error('LG010', 'hold_expired', jsonb_build_object('hold', late));
    ELSIF cardinality(wanted) > coalesce(cardinality(usable), 0) THEN
        PERFORM ledger_error('LG009', 'hold_not_open', jsonb_build_object('hold', (SELECT uid FROM unnest(wanted) AS g (uid)
            WHERE usable IS NULL OR uid <> ALL (usable) LIMIT 1)));
    END IF;
    SELECT array_agg(coalesce(h.account_id, l.account) ORDER BY l.place), array_agg(CASE WHEN h.id IS NULL THEN l.floor ELSE a.floor END ORDER BY l.place),
        array_agg(coalesce(h.amount, 0) ORDER BY l.place), count(h.id), min(h.uid::text) FILTER (WHERE -l.amount > h.amount)
    INTO o_accounts, o_floors, o_unheld, used_legs, small
    FROM unnest(p_legs, p_amounts, p_accounts, p_mains, p_floors) WITH ORDINALITY AS l (transfer, amount, account, main, floor, place)
    LEFT JOIN (ledger_hold h JOIN ledger_account a ON a.id = h.account_id)
        ON h.uid = p_holds[l.transfer] AND p_ids[l.transfer] IS NOT NULL AND l.amount < 0 AND coalesce(a.shard_of, a.id) = l.main;
    IF used_legs <> cardinality(wanted) OR small IS NOT NULL THEN
        PERFORM ledger_error('LG012', 'hold_does_not_fit', jsonb_build_object('hold', coalesce(small, wanted[1]::text)));
    END IF;
    UPDATE ledger_hold SET status = 'posted', ended_at = p_now WHERE uid = ANY (wanted);
END $$;
