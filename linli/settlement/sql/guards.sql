-- What was approved is what is paid, to whom it was approved: the database holds it whoever writes.

-- A payment never changes whom it is for, nor what is owed. Its sum changes only where what was set off is the person's again, and the shares
-- of its funds come to what is paid, kept back and set off. Its account stays while it is ready or at the bank.
CREATE FUNCTION settlement_payment_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.uid, NEW.item, NEW.part, NEW.batch, NEW.award, NEW."case", NEW.programme, NEW.period, NEW.person, NEW.payee, NEW.payee_uid)
        IS DISTINCT FROM (OLD.uid, OLD.item, OLD.part, OLD.batch, OLD.award, OLD."case", OLD.programme, OLD.period, OLD.person, OLD.payee,
        OLD.payee_uid) THEN
        RAISE EXCEPTION 'whom a payment is for does not change' USING ERRCODE = 'check_violation';
    ELSIF NEW.amount_fen <> OLD.amount_fen AND NOT (OLD.state IN ('waiting', 'ready') AND NEW.offset_fen IS NULL
        AND NEW.amount_fen = OLD.amount_fen + coalesce(OLD.offset_fen, 0)) THEN
        RAISE EXCEPTION 'a payment is not made more or less' USING ERRCODE = 'check_violation';
    ELSIF NEW.shares <> '{}' AND NEW.amount_fen + NEW.retained_fen + coalesce(NEW.offset_fen, 0) <> (SELECT sum(s) FROM unnest(NEW.shares) s) THEN
        RAISE EXCEPTION 'the funds of a payment give what it comes to' USING ERRCODE = 'check_violation';
    ELSIF NEW.account_id IS DISTINCT FROM OLD.account_id AND NEW.state = OLD.state AND OLD.state IN ('ready', 'ordered', 'paid') THEN
        RAISE EXCEPTION 'a payment that is % keeps its account', OLD.state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER settlement_payment_keep BEFORE UPDATE ON settlement_payment FOR EACH ROW
    WHEN ((NEW.uid, NEW.item, NEW.part, NEW.batch, NEW.award, NEW."case", NEW.programme, NEW.period, NEW.person, NEW.payee, NEW.payee_uid,
        NEW.amount_fen, NEW.retained_fen, NEW.offset_fen, NEW.shares, NEW.account_id) IS DISTINCT FROM (OLD.uid, OLD.item, OLD.part, OLD.batch,
        OLD.award, OLD."case", OLD.programme, OLD.period, OLD.person, OLD.payee, OLD.payee_uid, OLD.amount_fen, OLD.retained_fen,
        OLD.offset_fen, OLD.shares, OLD.account_id))
    EXECUTE FUNCTION settlement_payment_guard();

-- An account is emptied, never rewritten; what a bank was asked, and what an officer entered from its paper, stays as it was; and what it
-- said is only ever said on.
CREATE FUNCTION settlement_said_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what went to the bank or came from it is not rewritten: % is refused', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER settlement_account_keep BEFORE UPDATE ON settlement_account FOR EACH ROW
    WHEN ((NEW.uid, NEW.award, NEW.person, NEW.entered_by, NEW.entered_at) IS DISTINCT FROM
        (OLD.uid, OLD.award, OLD.person, OLD.entered_by, OLD.entered_at) OR NEW.cipher NOT IN (OLD.cipher, '') OR NEW.tail NOT IN (OLD.tail, ''))
    EXECUTE FUNCTION settlement_said_guard();
CREATE TRIGGER settlement_instruction_keep BEFORE UPDATE ON settlement_instruction FOR EACH ROW
    WHEN ((NEW.uid, NEW.order_id, NEW.account_id, NEW.sequence, NEW.reference, NEW.amount_fen, NEW.tail) IS DISTINCT FROM
        (OLD.uid, OLD.order_id, OLD.account_id, OLD.sequence, OLD.reference, OLD.amount_fen, OLD.tail)
        OR (OLD.state, NEW.state) NOT IN (('open', 'open'), ('open', 'paid'), ('open', 'failed'), ('open', 'dropped'), ('failed', 'failed'),
        ('failed', 'paid'), ('paid', 'paid'), ('paid', 'returned'), ('returned', 'returned'), ('dropped', 'dropped')))
    EXECUTE FUNCTION settlement_said_guard();
CREATE TRIGGER settlement_bankword_keep BEFORE UPDATE ON settlement_bankword FOR EACH ROW
    WHEN ((NEW.uid, NEW.kind, NEW.person, NEW."case", NEW.instruction_id, NEW.outcome_id, NEW.line, NEW.goes_to, NEW.fen, NEW."on",
        NEW.reference, NEW.entered_by, NEW.entered_at) IS DISTINCT FROM (OLD.uid, OLD.kind, OLD.person, OLD."case", OLD.instruction_id,
        OLD.outcome_id, OLD.line, OLD.goes_to, OLD.fen, OLD."on", OLD.reference, OLD.entered_by, OLD.entered_at)
        OR OLD.state <> 'waiting' AND NEW.state <> OLD.state)
    EXECUTE FUNCTION settlement_said_guard();
