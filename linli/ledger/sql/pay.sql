-- The short way of the commonest transfer: one sum from one account to another, no hold. In five statements on single rows it does what ledger_post
-- does for a set, and nothing else: where anything is out of the ordinary (an account unknown, closed, of another unit, with too little on
-- it or on this one of its shards) it raises LG000, all is undone, and the caller takes ledger_post, which knows what to do or say.
-- False: the key was used before. Locks the key, then the two balances in the order of their accounts.
CREATE FUNCTION ledger_pay(
    p_actor text, p_now timestamptz, p_uid uuid, p_key text, p_digest text, p_unit text, p_kind text, p_event timestamptz, p_reference text,
    p_from text, p_to text, p_amount bigint
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, ledger_writes, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    made bigint;
    said text;
    at record;
    pick bigint := uuid_hash(p_uid)::bigint & 2147483647;
    one record;
    other record;
BEGIN
    INSERT INTO ledger_transfer (uid, key, digest, unit, kind, event_at, posted_at, actor, reference)
    VALUES (p_uid, p_key, p_digest, p_unit, p_kind, p_event, p_now, p_actor, p_reference) ON CONFLICT (key) DO NOTHING RETURNING id INTO made;
    IF made IS NULL THEN
        RETURN false;
    END IF;
    SELECT coalesce(fs.id, f.id) AS payer, coalesce(fs.floor, f.floor) AS floor, coalesce(ts.id, t.id) AS payee INTO at
    FROM ledger_account f LEFT JOIN ledger_account fs ON f.shards > 0 AND fs.code = f.code || '/' || pick % nullif(f.shards, 0),
        ledger_account t LEFT JOIN ledger_account ts ON t.shards > 0 AND ts.code = t.code || '/' || pick % nullif(t.shards, 0)
    WHERE f.code = p_from AND t.code = p_to AND f.unit = p_unit AND t.unit = p_unit AND p_amount BETWEEN 1 AND 1000000000000000;
    said := ledger_text(p_uid, p_key, p_digest, p_unit, p_kind, NULL, NULL, p_event, p_now, p_actor, p_reference);
    IF at.payer < at.payee THEN
        one := ledger_step(at.payer, -p_amount, at.floor, said);
        other := ledger_step(at.payee, p_amount, NULL, said);
    ELSE
        one := ledger_step(at.payee, p_amount, NULL, said);
        other := ledger_step(at.payer, -p_amount, at.floor, said);
    END IF;
    IF at.payer IS NULL OR at.payer = at.payee OR one.version IS NULL OR other.version IS NULL THEN
        PERFORM ledger_error('LG000', 'otherwise', '{}');
    END IF;
    INSERT INTO ledger_entry (account_id, version, transfer_id, amount, balance_after, hash) VALUES
        (one.account_id, one.version, made, one.amount, one.posted, one.head),
        (other.account_id, other.version, made, other.amount, other.posted, other.head);
    RETURN true;
END $$;

-- One leg on one balance: what it is after it; no version where that cannot be.
CREATE FUNCTION ledger_step(
    p_account bigint, p_amount bigint, p_floor bigint, p_said text,
    OUT account_id bigint, OUT version bigint, OUT amount bigint, OUT posted bigint, OUT head text
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    amount := p_amount;
    UPDATE ledger_balance AS b SET posted = b.posted + p_amount, version = b.version + 1,
        head = ledger_link(b.head, b.account_id, b.version + 1, p_amount, b.posted + p_amount, p_said)
    WHERE b.account_id = p_account AND b.closed_at IS NULL AND abs(b.posted) <= 999000000000000000
        AND (p_floor IS NULL OR b.posted - b.held + p_amount >= p_floor)
    RETURNING b.account_id, b.version, b.posted, b.head INTO account_id, version, posted, head;
END $$;

REVOKE EXECUTE ON FUNCTION ledger_pay, ledger_step FROM PUBLIC;
