-- The person keys change in two ways only: rewrapped under another generation, or destroyed for good.
CREATE FUNCTION vault_guard_personkey() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.subject, NEW.generation, NEW.suite, NEW.created_at) IS DISTINCT FROM
       (OLD.id, OLD.subject, OLD.generation, OLD.suite, OLD.created_at) THEN
        RAISE EXCEPTION 'vault_personkey: only wrapping and destruction may change' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.wrapped IS NULL THEN
        RAISE EXCEPTION 'vault_personkey: the key of % was destroyed', OLD.subject USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER vault_personkey_change BEFORE UPDATE ON vault_personkey
    FOR EACH ROW EXECUTE FUNCTION vault_guard_personkey();

CREATE FUNCTION vault_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER vault_personkey_keep BEFORE DELETE OR TRUNCATE ON vault_personkey
    FOR EACH STATEMENT EXECUTE FUNCTION vault_refuse();
CREATE TRIGGER vault_access_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON vault_access
    FOR EACH STATEMENT EXECUTE FUNCTION vault_refuse();
CREATE TRIGGER vault_keyevent_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON vault_keyevent
    FOR EACH STATEMENT EXECUTE FUNCTION vault_refuse();
