-- Set an amount of an account aside: posted - held never falls below the floor. The same key with the same digest is answered with the
-- hold that stands. On a split account the hold stands on one shard, which its sisters may have to fill first.
-- Locks the key, then one balance, or all shards of the account where one alone has not enough, in order. o_hashes: of the levelling.
CREATE FUNCTION ledger_hold(
    p_actor text, p_now timestamptz, p_uid uuid, p_key text, p_digest text, p_code text, p_unit text, p_amount bigint,
    p_expires timestamptz, p_reference text,
    OUT o_uid uuid, OUT o_fresh boolean, OUT o_level uuid, OUT o_hashes text[]
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, ledger_writes, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    at record;
    known ledger_hold;
BEGIN
    at := ledger_resolve(ARRAY[p_unit], ARRAY[1], ARRAY[p_code], p_uid);
    o_uid := p_uid;
    INSERT INTO ledger_hold (uid, key, digest, account_id, amount, expires, held_at, actor, reference)
    VALUES (p_uid, p_key, p_digest, at.o_accounts[1], p_amount, p_expires, p_now, p_actor, p_reference) ON CONFLICT (key) DO NOTHING;
    o_fresh := FOUND;
    IF NOT o_fresh THEN
        SELECT * INTO known FROM ledger_hold WHERE key = p_key;
        IF known.digest <> p_digest THEN
            PERFORM ledger_error('LG002', 'key_reused', jsonb_build_object('key', p_key));
        END IF;
        o_uid := known.uid;
        RETURN;
    END IF;
    IF NOT at.o_sharded THEN
        PERFORM ledger_set_aside(at.o_accounts[1], at.o_floors[1], p_amount);
        RETURN;
    END IF;
    BEGIN
        PERFORM ledger_set_aside(at.o_accounts[1], at.o_floors[1], p_amount);
    EXCEPTION WHEN SQLSTATE 'LG006' THEN
        PERFORM 1 FROM ledger_balance WHERE account_id IN (SELECT id FROM ledger_account WHERE shard_of = at.o_mains[1])
            ORDER BY account_id FOR UPDATE;
        SELECT l.o_uid, l.o_hashes INTO o_level, o_hashes FROM ledger_level(at.o_accounts[1], p_amount, p_actor, p_now) AS l;
        PERFORM ledger_set_aside(at.o_accounts[1], at.o_floors[1], p_amount);
    END;
END $$;

CREATE FUNCTION ledger_set_aside(p_account bigint, p_floor bigint, p_amount bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    balance ledger_balance;
BEGIN
    SELECT * INTO balance FROM ledger_balance WHERE account_id = p_account FOR UPDATE;
    IF balance.closed_at IS NOT NULL THEN
        PERFORM ledger_error('LG005', 'closed_account', jsonb_build_object('account', ledger_code(p_account)));
    ELSIF balance.posted - balance.held - p_amount < p_floor THEN
        PERFORM ledger_error('LG006', 'floor', jsonb_build_object('account', ledger_code(p_account), 'floor', p_floor,
            'available', balance.posted - balance.held - p_floor, 'asked', p_amount));
    END IF;
    UPDATE ledger_balance SET held = held + p_amount WHERE account_id = p_account;
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
