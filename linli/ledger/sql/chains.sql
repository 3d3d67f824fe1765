-- What an entry's hash binds: the hash before it on its account, the entry, and everything the transfer says.
CREATE FUNCTION ledger_text(
    uid uuid, key text, digest text, unit text, kind text, reverses uuid, hold uuid, event_at timestamptz, posted_at timestamptz,
    actor text, reference text
) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(
        uid, key, digest, unit, kind, reverses, hold, (extract(epoch FROM event_at) * 1000000)::bigint,
        (extract(epoch FROM posted_at) * 1000000)::bigint, actor, reference
    )::text
$$;

CREATE FUNCTION ledger_link(previous text, account_id bigint, version bigint, amount bigint, balance_after bigint, transfer text)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT 'sha256:' || encode(
        sha256(convert_to(previous || E'\n' || jsonb_build_array(account_id, version, amount, balance_after)::text || transfer, 'UTF8')), 'hex'
    )
$$;

CREATE FUNCTION ledger_error(code text, message text, told jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', message USING ERRCODE = code, DETAIL = told::text;
END $$;

CREATE FUNCTION ledger_code(account_id bigint) RETURNS text LANGUAGE sql STABLE AS $$ SELECT code FROM ledger_account WHERE id = account_id $$;
