-- The entries and the new balances of transfers whose rows exist. Locks the balances in the order of their accounts, until the commit.
-- Refuses a transfer that does not sum to zero: the sum of each unit is zero at every moment.
-- p_texts: what the transfers say, for the hash; p_legs: which transfer each leg belongs to; p_unheld: what of a hold a leg sets free.
CREATE FUNCTION ledger_write(
    p_ids bigint[], p_texts text[], p_legs int[], p_accounts bigint[], p_floors bigint[], p_amounts bigint[], p_unheld bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    leg record;
    n int := 0;
    k int := 0;
    current bigint := 0;
    sums bigint[] := array_fill(0::bigint, ARRAY[cardinality(p_ids)]);
    b_accounts bigint[]; b_posted bigint[]; b_held bigint[]; b_versions bigint[]; b_heads text[];
    e_accounts bigint[]; e_versions bigint[]; e_transfers bigint[]; e_amounts bigint[]; e_after bigint[]; e_hashes text[];
BEGIN
    FOR leg IN
        SELECT l.transfer, l.account, l.floor, l.amount, l.unheld, b.posted, b.held, b.version, b.head, b.closed_at
        FROM unnest(p_legs, p_accounts, p_floors, p_amounts, p_unheld) WITH ORDINALITY AS l (transfer, account, floor, amount, unheld, place)
        JOIN ledger_balance b ON b.account_id = l.account
        WHERE p_ids[l.transfer] IS NOT NULL
        ORDER BY b.account_id, l.place FOR UPDATE OF b
    LOOP
        IF leg.account <> current THEN
            current := leg.account;
            k := k + 1;
            b_accounts[k] := current; b_posted[k] := leg.posted; b_held[k] := leg.held; b_versions[k] := leg.version; b_heads[k] := leg.head;
        END IF;
        IF leg.closed_at IS NOT NULL THEN
            PERFORM ledger_error('LG005', 'closed_account', jsonb_build_object('account', ledger_code(current)));
        END IF;
        IF leg.amount = 0 OR abs(leg.amount) > 1000000000000000 OR abs(b_posted[k]) > 999000000000000000 THEN
            PERFORM ledger_error('LG013', 'too_large', jsonb_build_object('account', ledger_code(current)));
        END IF;
        sums[leg.transfer] := sums[leg.transfer] + leg.amount;
        b_posted[k] := b_posted[k] + leg.amount;
        b_held[k] := b_held[k] - leg.unheld;
        IF leg.amount < 0 AND b_posted[k] - b_held[k] < leg.floor THEN
            PERFORM ledger_error('LG006', 'floor', jsonb_build_object(
                'account', ledger_code(current), 'floor', leg.floor, 'available', b_posted[k] - b_held[k] - leg.amount - leg.floor, 'asked', -leg.amount));
        END IF;
        b_versions[k] := b_versions[k] + 1;
        b_heads[k] := ledger_link(b_heads[k], current, b_versions[k], leg.amount, b_posted[k], p_texts[leg.transfer]);
        n := n + 1;
        e_accounts[n] := current; e_versions[n] := b_versions[k]; e_transfers[n] := p_ids[leg.transfer];
        e_amounts[n] := leg.amount; e_after[n] := b_posted[k];
        e_hashes[n] := b_heads[k];
    END LOOP;
    IF NOT 0 = ALL (sums) THEN
        PERFORM ledger_error('LG001', 'unbalanced', '{}');
    END IF;
    UPDATE ledger_balance b SET posted = moved.posted, held = moved.held, version = moved.version, head = moved.head
    FROM unnest(b_accounts, b_posted, b_held, b_versions, b_heads) AS moved (account_id, posted, held, version, head)
    WHERE b.account_id = moved.account_id;
    INSERT INTO ledger_entry (account_id, version, transfer_id, amount, balance_after, hash)
    SELECT * FROM unnest(e_accounts, e_versions, e_transfers, e_amounts, e_after, e_hashes);
END $$;
