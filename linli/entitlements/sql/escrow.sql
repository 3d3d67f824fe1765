-- Money held for others is never released before the new right is registered, whoever posts it: the ledger itself refuses a transfer of
-- this kind that doesn't name a payout of an escrow with a registration.
CREATE FUNCTION entitlements_escrow_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM entitlements_escrowpayout p JOIN entitlements_escrow e ON e.id = p.escrow_id
        WHERE p.uid::text = NEW.reference AND p.purpose = 'released' AND e.number <> ''
    ) THEN
        RAISE EXCEPTION 'money in escrow is not released before the new right is registered' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER entitlements_escrow_release BEFORE INSERT ON ledger_transfer FOR EACH ROW
    WHEN (NEW.kind = 'escrow.released') EXECUTE FUNCTION entitlements_escrow_guard();

-- What the bank was told stays as it was; only its word that the money has gone out is added. What was registered isn't taken back once
-- money has been released on it, and what came in never changes.
CREATE FUNCTION entitlements_escrow_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'entitlements_escrowpayout' THEN
        IF TG_OP = 'INSERT' THEN
            IF NEW.purpose = 'released' AND NOT EXISTS (SELECT 1 FROM entitlements_escrow WHERE id = NEW.escrow_id AND number <> '') THEN
                RAISE EXCEPTION 'money in escrow is not released before the new right is registered' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        ELSIF TG_OP = 'UPDATE' AND (NEW.uid, NEW.escrow_id, NEW.purpose, NEW.party, NEW.fen, NEW.deposit_id, NEW.ordered_at)
            IS NOT DISTINCT FROM (OLD.uid, OLD.escrow_id, OLD.purpose, OLD.party, OLD.fen, OLD.deposit_id, OLD.ordered_at)
            AND OLD.reference = '' THEN
            RETURN NEW;
        END IF;
    ELSIF TG_TABLE_NAME = 'entitlements_escrow' AND TG_OP = 'UPDATE' THEN
        IF NEW.number = OLD.number OR NOT EXISTS (SELECT 1 FROM entitlements_escrowpayout WHERE escrow_id = OLD.id) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'money in escrow is never rewritten: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER entitlements_escrowpayout_keep BEFORE INSERT OR UPDATE OR DELETE ON entitlements_escrowpayout FOR EACH ROW
    EXECUTE FUNCTION entitlements_escrow_keep();
CREATE TRIGGER entitlements_escrowdeposit_keep BEFORE UPDATE OR DELETE ON entitlements_escrowdeposit FOR EACH ROW
    EXECUTE FUNCTION entitlements_escrow_keep();
CREATE TRIGGER entitlements_escrow_keep BEFORE UPDATE OR DELETE ON entitlements_escrow FOR EACH ROW
    EXECUTE FUNCTION entitlements_escrow_keep();
