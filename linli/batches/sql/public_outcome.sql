-- A public draw's numbers are entered by one and confirmed by another: a draw that names one is made with confirmed numbers only, and what was
-- entered is changed once, by being confirmed or dropped.
CREATE FUNCTION batches_outcome_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'batches_draw' THEN
        IF NOT EXISTS (SELECT 1 FROM batches_publicoutcome o WHERE o.draw_id = NEW.id AND o.state = 'confirmed') THEN
            RAISE EXCEPTION 'the numbers of a public draw are entered by one and confirmed by another' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    ELSIF TG_OP = 'UPDATE' AND OLD.state = 'waiting' AND (NEW.draw_id, NEW.numbers, NEW.source, NEW.entered_at, NEW.entered_by)
        = (OLD.draw_id, OLD.numbers, OLD.source, OLD.entered_at, OLD.entered_by) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the numbers of a public draw are never rewritten: % is refused', TG_OP USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER batches_publicoutcome_keep BEFORE UPDATE OR DELETE ON batches_publicoutcome FOR EACH ROW
    EXECUTE FUNCTION batches_outcome_guard();
CREATE TRIGGER batches_draw_two BEFORE UPDATE ON batches_draw FOR EACH ROW
    WHEN (NEW.state = 'drawn' AND OLD.state <> 'drawn' AND NEW.public_draw IS NOT NULL) EXECUTE FUNCTION batches_outcome_guard();
