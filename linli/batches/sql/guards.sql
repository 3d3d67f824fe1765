-- What a batch pays is what was listed, checked and approved: the database holds it whoever writes.

-- An item is listed while its batch gathers and never changes afterwards but in how it ends, and in the fund that pays it.
CREATE FUNCTION batches_item_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    batch_state text;
BEGIN
    SELECT state INTO batch_state FROM batches_batch WHERE id = NEW.batch_id;
    IF TG_OP = 'INSERT' THEN
        IF batch_state <> 'gathering' THEN
            RAISE EXCEPTION 'a list that is % takes no item', batch_state USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.uid, NEW.batch_id, NEW.programme, NEW.period, NEW.award_id, NEW.person, NEW.beneficiary, NEW.area_code, NEW.category, NEW.level_fen,
        NEW.amount_fen, NEW.payee) IS DISTINCT FROM (OLD.uid, OLD.batch_id, OLD.programme, OLD.period, OLD.award_id, OLD.person, OLD.beneficiary,
        OLD.area_code, OLD.category, OLD.level_fen, OLD.amount_fen, OLD.payee) THEN
        RAISE EXCEPTION 'an item does not change once it is listed' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state <> OLD.state THEN
        IF OLD.state <> 'listed' THEN
            RAISE EXCEPTION 'an item that is % stays so', OLD.state USING ERRCODE = 'check_violation';
        ELSIF NEW.state = 'removed' AND batch_state IN ('approved', 'paying', 'closed') THEN
            RAISE EXCEPTION 'an approved item is paid or fails' USING ERRCODE = 'check_violation';
        ELSIF NEW.state IN ('paid', 'failed') AND batch_state NOT IN ('approved', 'paying') THEN
            RAISE EXCEPTION 'an item of a batch that is % is not paid', batch_state USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;

-- The order of a batch's life, and the sums without which it is not approved.
CREATE FUNCTION batches_batch_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    listed record;
    allowed constant jsonb := '{"gathering": ["frozen", "checking", "dissolved"], "frozen": ["checking", "dissolved"],
        "checking": ["notice", "approved", "dissolved"], "notice": ["checking", "approved", "dissolved"], "approved": ["paying", "closed"],
        "paying": ["closed"], "closed": [], "dissolved": []}';
BEGIN
    IF (NEW.uid, NEW.programme, NEW.period, NEW.area_code, NEW.opened_by) IS DISTINCT FROM (OLD.uid, OLD.programme, OLD.period, OLD.area_code,
        OLD.opened_by) THEN
        RAISE EXCEPTION 'what a batch is about does not change' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state IN ('approved', 'paying', 'closed') AND (NEW.count, NEW.total_fen, NEW.declared_fen, NEW.approved_by) IS DISTINCT FROM
        (OLD.count, OLD.total_fen, OLD.declared_fen, OLD.approved_by) THEN
        RAISE EXCEPTION 'what was approved does not change' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state = OLD.state THEN
        RETURN NEW;
    END IF;
    IF NOT allowed -> OLD.state ? NEW.state THEN
        RAISE EXCEPTION 'a batch that is % does not become %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state = 'approved' THEN
        SELECT count(*) AS count, coalesce(sum(amount_fen), 0) AS total, coalesce(sum(level_fen), 0) AS levels,
            count(*) - count(DISTINCT (beneficiary_kind, beneficiary)) AS twice
        INTO listed FROM batches_item WHERE batch_id = NEW.id AND state = 'listed';
        IF listed.count = 0 OR (listed.count, listed.total) IS DISTINCT FROM (NEW.count::bigint, NEW.total_fen::numeric) THEN
            RAISE EXCEPTION 'the list has % items with % fen, the batch says % with %', listed.count, listed.total, NEW.count, NEW.total_fen
                USING ERRCODE = 'check_violation';
        ELSIF NEW.declared_fen IS NOT NULL AND NEW.declared_fen <> NEW.total_fen THEN
            RAISE EXCEPTION 'the list has % fen, % were handed in', NEW.total_fen, NEW.declared_fen USING ERRCODE = 'check_violation';
        ELSIF listed.twice > 0 THEN
            RAISE EXCEPTION 'somebody stands on the list twice' USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER batches_item_keep BEFORE INSERT OR UPDATE ON batches_item FOR EACH ROW EXECUTE FUNCTION batches_item_guard();
CREATE TRIGGER batches_batch_keep BEFORE UPDATE ON batches_batch FOR EACH ROW EXECUTE FUNCTION batches_batch_guard();
