-- An open end is over when the next price begins; a stated end never reaches into another price, and no two begin on one day.
ALTER TABLE registers_priceitem ADD CONSTRAINT price_one_at_a_time
    EXCLUDE USING gist (code WITH =, level WITH =, daterange(valid_from, coalesce(valid_to, valid_from), '[]') WITH &&)
    WHERE (NOT withdrawn);

-- What is published stays as it was: a version may be withdrawn once, as a whole, and nothing else.
CREATE FUNCTION registers_prices_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := to_jsonb(OLD);
    after jsonb;
    withdrawal text[] := ARRAY['withdrawn', 'withdrawn_at', 'withdrawn_by', 'reason'];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        after := to_jsonb(NEW);
        IF after - withdrawal = before - withdrawal
            AND coalesce(before -> 'withdrawn', 'false') = 'false'::jsonb AND coalesce(before -> 'withdrawn_at', 'null') = 'null'::jsonb THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '%: a published price never changes; % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', HINT = 'withdraw the version, or publish another with its own first day';
END $$;

CREATE TRIGGER price_version_keep BEFORE UPDATE OR DELETE ON registers_priceversion FOR EACH ROW EXECUTE FUNCTION registers_prices_keep();
CREATE TRIGGER price_item_keep BEFORE UPDATE OR DELETE ON registers_priceitem FOR EACH ROW EXECUTE FUNCTION registers_prices_keep();
