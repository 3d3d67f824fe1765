-- What is published or confirmed stays as it was, for the owner of the tables too: only INSERT gets through.
CREATE FUNCTION programmes_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: a published version and a confirmed reading never change; % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', HINT = 'publish a new version instead';
END $$;

CREATE TRIGGER programmes_version_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON programmes_programmeversion
    FOR EACH STATEMENT EXECUTE FUNCTION programmes_refuse();
CREATE TRIGGER programmes_reading_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON programmes_readingconfirmation
    FOR EACH STATEMENT EXECUTE FUNCTION programmes_refuse();
