-- What comes into an escrow is entered by one and confirmed by another: a deposit stands for an entry that was confirmed, and an entry is
-- changed once, by being confirmed or dropped.
CREATE FUNCTION entitlements_escrow_two() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM entitlements_escrowentry e
        WHERE e.state = 'confirmed' AND (e.escrow_id, e.party, e.fen, e.reference, e.received_on, e.entered_by)
            = (NEW.escrow_id, NEW.party, NEW.fen, NEW.reference, NEW.received_on, NEW.actor)
    ) THEN
        RAISE EXCEPTION 'money in escrow is entered by one and confirmed by another' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER entitlements_escrowdeposit_two BEFORE INSERT ON entitlements_escrowdeposit FOR EACH ROW
    EXECUTE FUNCTION entitlements_escrow_two();
CREATE FUNCTION entitlements_escrow_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'waiting' AND (NEW.escrow_id, NEW.party, NEW.fen, NEW.reference, NEW.received_on, NEW.entered_at,
        NEW.entered_by) = (OLD.escrow_id, OLD.party, OLD.fen, OLD.reference, OLD.received_on, OLD.entered_at, OLD.entered_by) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'money in escrow is never rewritten: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER entitlements_escrowentry_keep BEFORE UPDATE OR DELETE ON entitlements_escrowentry FOR EACH ROW
    EXECUTE FUNCTION entitlements_escrow_entry();
