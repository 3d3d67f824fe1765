-- Which transactions changed what a batch's counts are taken from, by programme, '' for any: kept.py recounts after one that it has not seen.
-- One row a transaction and programme, so nobody waits for anybody: two transactions never have the same number.

CREATE FUNCTION batches_note_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO batches_changed (programme, xid, at)
        SELECT DISTINCT programme, pg_current_xact_id()::text::bigint, clock_timestamp() FROM changed ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE FUNCTION batches_note_items() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO batches_changed (programme, xid, at)
        SELECT DISTINCT i.programme, pg_current_xact_id()::text::bigint, clock_timestamp()
        FROM changed c JOIN batches_item i ON i.id = c.item_id ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE FUNCTION batches_note_cases() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO batches_changed (programme, xid, at)
        SELECT DISTINCT k.programme, pg_current_xact_id()::text::bigint, clock_timestamp()
        FROM changed c JOIN casework_case k ON k.id = c.case_id ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE FUNCTION batches_note_award() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO batches_changed (programme, xid, at) VALUES (NEW.programme, pg_current_xact_id()::text::bigint, clock_timestamp())
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE FUNCTION batches_note_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO batches_changed (programme, xid, at) VALUES ('', pg_current_xact_id()::text::bigint, clock_timestamp())
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE TRIGGER batches_item_added AFTER INSERT ON batches_item REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION batches_note_rows();
CREATE TRIGGER batches_item_changed AFTER UPDATE ON batches_item REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION batches_note_rows();
CREATE TRIGGER batches_item_gone AFTER DELETE ON batches_item REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION batches_note_rows();
CREATE TRIGGER batches_determination_added AFTER INSERT ON screening_determination REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION batches_note_rows();
CREATE TRIGGER batches_determination_changed AFTER UPDATE ON screening_determination REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION batches_note_rows();
CREATE TRIGGER batches_determination_gone AFTER DELETE ON screening_determination REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION batches_note_rows();
CREATE TRIGGER batches_check_added AFTER INSERT ON batches_check REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION batches_note_items();
CREATE TRIGGER batches_check_changed AFTER UPDATE ON batches_check REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION batches_note_items();
CREATE TRIGGER batches_check_gone AFTER DELETE ON batches_check REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION batches_note_items();
CREATE TRIGGER batches_document_added AFTER INSERT ON casework_document REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION batches_note_cases();
CREATE TRIGGER batches_document_changed AFTER UPDATE ON casework_document REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION batches_note_cases();
CREATE TRIGGER batches_document_gone AFTER DELETE ON casework_document REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION batches_note_cases();
CREATE TRIGGER batches_award_changed AFTER UPDATE ON agreements_award FOR EACH ROW
    WHEN ((OLD.state, OLD.ending, OLD.amount_fen, OLD.account_cipher) IS DISTINCT FROM (NEW.state, NEW.ending, NEW.amount_fen, NEW.account_cipher))
    EXECUTE FUNCTION batches_note_award();
CREATE TRIGGER batches_objection_changed AFTER INSERT OR UPDATE OR DELETE ON batches_objection FOR EACH ROW EXECUTE FUNCTION batches_note_all();
CREATE TRIGGER batches_objection_answered AFTER UPDATE ON casework_case FOR EACH ROW
    WHEN (NEW.kind = 'notice_objection' AND (OLD.status, OLD.outcome) IS DISTINCT FROM (NEW.status, NEW.outcome))
    EXECUTE FUNCTION batches_note_all();
CREATE TRIGGER batches_resident_gone AFTER UPDATE ON registers_resident FOR EACH ROW
    WHEN ((OLD.deceased_on, OLD.erased_at) IS DISTINCT FROM (NEW.deceased_on, NEW.erased_at))
    EXECUTE FUNCTION batches_note_all();
