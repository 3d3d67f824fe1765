-- Which state the places are in, so that a process knows whether what it keeps of them is what stands there, however many there are.
-- Each connection has a row of its own, so that no writer waits for another; a number is given once ever, also when it is rolled back.
CREATE SEQUENCE registers_placestamp_number;
CREATE TABLE registers_placestamp (backend integer PRIMARY KEY, number bigint NOT NULL) WITH (fillfactor = 50);

CREATE FUNCTION registers_place_stamped() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO registers_placestamp (backend, number) VALUES (pg_backend_pid(), nextval('registers_placestamp_number'))
    ON CONFLICT (backend) DO UPDATE SET number = excluded.number;
    RETURN NULL;
END $$;

CREATE TRIGGER registers_place_stamp AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON registers_place
    FOR EACH STATEMENT EXECUTE FUNCTION registers_place_stamped();
CREATE TRIGGER registers_placerole_stamp AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON registers_placerole
    FOR EACH STATEMENT EXECUTE FUNCTION registers_place_stamped();
CREATE TRIGGER registers_placebefore_stamp AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON registers_placebefore
    FOR EACH STATEMENT EXECUTE FUNCTION registers_place_stamped();
CREATE TRIGGER registers_servicewindow_stamp AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON registers_servicewindow
    FOR EACH STATEMENT EXECUTE FUNCTION registers_place_stamped();
