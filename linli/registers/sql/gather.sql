-- Tells the planner how large a table is now. With the owner's rights: the processes own no table, and PostgreSQL lets nobody else do it.
CREATE FUNCTION registers_gather(name regclass) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    EXECUTE format('ANALYZE (SKIP_LOCKED) %s', name);
END
$$;
REVOKE ALL ON FUNCTION registers_gather FROM PUBLIC
