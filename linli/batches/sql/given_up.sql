-- As in reckoned.sql; what was paid and came back from the bank may be given up, whatever became of its batch.
CREATE OR REPLACE FUNCTION batches_item_guard() RETURNS trigger LANGUAGE plpgsql AS $$
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
        NEW.amount_fen, NEW.payee, NEW.reckoning) IS DISTINCT FROM (OLD.uid, OLD.batch_id, OLD.programme, OLD.period, OLD.award_id, OLD.person,
        OLD.beneficiary, OLD.area_code, OLD.category, OLD.level_fen, OLD.amount_fen, OLD.payee, OLD.reckoning) THEN
        RAISE EXCEPTION 'an item does not change once it is listed' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state <> OLD.state THEN
        IF OLD.state = 'paid' AND NEW.state = 'failed' AND OLD.came_back_at IS NOT NULL THEN
            RETURN NEW;
        ELSIF OLD.state <> 'listed' THEN
            RAISE EXCEPTION 'an item that is % stays so', OLD.state USING ERRCODE = 'check_violation';
        ELSIF NEW.state = 'removed' AND batch_state IN ('approved', 'paying', 'closed') THEN
            RAISE EXCEPTION 'an approved item is paid or fails' USING ERRCODE = 'check_violation';
        ELSIF NEW.state IN ('paid', 'failed') AND batch_state NOT IN ('approved', 'paying') THEN
            RAISE EXCEPTION 'an item of a batch that is % is not paid', batch_state USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
