-- As escrow.sql has it, but for the bank's word that money has gone out: it is taken off again, and counted, when the bank returned it.
CREATE OR REPLACE FUNCTION entitlements_escrow_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'entitlements_escrowpayout' THEN
        IF TG_OP = 'INSERT' THEN
            IF NEW.purpose = 'released' AND NOT EXISTS (SELECT 1 FROM entitlements_escrow WHERE id = NEW.escrow_id AND number <> '') THEN
                RAISE EXCEPTION 'money in escrow is not released before the new right is registered' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        ELSIF TG_OP = 'UPDATE' AND (NEW.uid, NEW.escrow_id, NEW.purpose, NEW.party, NEW.fen, NEW.deposit_id, NEW.ordered_at)
            IS NOT DISTINCT FROM (OLD.uid, OLD.escrow_id, OLD.purpose, OLD.party, OLD.fen, OLD.deposit_id, OLD.ordered_at)
            AND (CASE WHEN OLD.reference = '' THEN NEW.came_back IS NOT DISTINCT FROM OLD.came_back
                ELSE NEW.reference = '' AND NEW.came_back = coalesce(OLD.came_back, 0) + 1 END) THEN
            RETURN NEW;
        END IF;
    ELSIF TG_TABLE_NAME = 'entitlements_escrow' AND TG_OP = 'UPDATE' THEN
        IF NEW.number = OLD.number OR NOT EXISTS (SELECT 1 FROM entitlements_escrowpayout WHERE escrow_id = OLD.id) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'money in escrow is never rewritten: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
