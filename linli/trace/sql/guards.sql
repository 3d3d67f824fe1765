-- Append-only, for the owner of the tables too: only INSERT gets through.
CREATE FUNCTION trace_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the trace is append-only: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER trace_fact_keep BEFORE UPDATE OR DELETE ON trace_fact FOR EACH ROW EXECUTE FUNCTION trace_refuse();
CREATE TRIGGER trace_fact_keep_all BEFORE TRUNCATE ON trace_fact FOR EACH STATEMENT EXECUTE FUNCTION trace_refuse();
CREATE TRIGGER trace_head_keep BEFORE INSERT OR DELETE ON trace_head FOR EACH ROW EXECUTE FUNCTION trace_refuse();
CREATE TRIGGER trace_head_keep_all BEFORE TRUNCATE ON trace_head FOR EACH STATEMENT EXECUTE FUNCTION trace_refuse();

REVOKE UPDATE, DELETE, TRUNCATE ON trace_fact FROM PUBLIC;
REVOKE INSERT, DELETE, TRUNCATE ON trace_head FROM PUBLIC;
DO $$ BEGIN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON trace_fact FROM %I', current_user);
    EXECUTE format('REVOKE INSERT, DELETE, TRUNCATE ON trace_head FROM %I', current_user);
END $$;
