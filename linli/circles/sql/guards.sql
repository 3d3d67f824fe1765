-- An issued plan is what was sent out: it is never changed nor taken away.
CREATE FUNCTION circles_issued_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: an issued plan is never changed; % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER circles_issuedplan_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON circles_issuedplan
    FOR EACH STATEMENT EXECUTE FUNCTION circles_issued_keep();

-- An action closes when its gap was computed to be met, and by nobody's word.
CREATE FUNCTION circles_action_closes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'closed' AND NOT EXISTS (SELECT FROM circles_gap g WHERE g.id = NEW.gap_id AND g.state = 'met' AND g.run_id = NEW.closed_by_id)
    THEN
        RAISE EXCEPTION 'an action closes only when its gap is computed to be met' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER circles_action_closes BEFORE INSERT OR UPDATE OF state, closed_by_id, gap_id ON circles_action
    FOR EACH ROW EXECUTE FUNCTION circles_action_closes();
