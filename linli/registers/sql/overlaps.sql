-- Of what is believed now (known_to IS NULL), no two rows of one key are true on one day. Withdrawn beliefs may overlap: they are history.
--
-- An exclusion constraint says the same, but its GiST index costs about 30 us a row whatever the key, which at seven rows a person is
-- minutes per million people; this check is one join per statement over the index that the table has anyway. Two writers cannot slip past
-- each other: the owners' rows are locked first, in order, except those made by this very transaction, which nobody else can see.
--
-- Arguments: owner's table, column that names the owner, key columns, condition on which the rule applies ('true': always).
CREATE FUNCTION registers_refuse_overlap() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    same_key text := (
        SELECT string_agg(format('other.%1$I = new_row.%1$I', key_column), ' AND ') FROM unnest(string_to_array(TG_ARGV[2], ',')) AS key_column
    );
    clash record;
BEGIN
    EXECUTE format(
        'SELECT 1 FROM %I owner WHERE owner.id IN (SELECT row.%I FROM new_rows row WHERE row.known_to IS NULL AND %s)'
        ' AND owner.xmin <> pg_current_xact_id()::xid ORDER BY owner.id FOR NO KEY UPDATE',
        TG_ARGV[0], TG_ARGV[1], TG_ARGV[3]
    );
    EXECUTE format(
        'SELECT new_row.%1$I AS owner, new_row.valid_from, new_row.valid_to FROM new_rows new_row JOIN %2$I other ON %3$s AND other.id <> new_row.id'
        ' WHERE new_row.known_to IS NULL AND other.known_to IS NULL AND (%4$s) AND (%5$s)'
        ' AND daterange(new_row.valid_from, new_row.valid_to) && daterange(other.valid_from, other.valid_to) LIMIT 1',
        TG_ARGV[1], TG_TABLE_NAME, same_key, replace(TG_ARGV[3], 'row.', 'new_row.'), replace(TG_ARGV[3], 'row.', 'other.')
    ) INTO clash;
    IF clash.owner IS NOT NULL THEN
        RAISE EXCEPTION 'two believed rows of % overlap for % %: %', TG_TABLE_NAME, TG_ARGV[1], clash.owner, daterange(clash.valid_from, clash.valid_to)
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER situation_one_area_at_a_time AFTER INSERT ON registers_situation REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION registers_refuse_overlap('registers_resident', 'resident_id', 'resident_id,kind', 'true');
CREATE TRIGGER situation_one_area_at_a_time_on_update AFTER UPDATE ON registers_situation REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION registers_refuse_overlap('registers_resident', 'resident_id', 'resident_id,kind', 'true');
CREATE TRIGGER member_of_one_household_of_a_kind AFTER INSERT ON registers_householdmember REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION registers_refuse_overlap('registers_resident', 'resident_id', 'resident_id,kind', 'true');
CREATE TRIGGER member_of_one_household_of_a_kind_on_update AFTER UPDATE ON registers_householdmember REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION registers_refuse_overlap('registers_resident', 'resident_id', 'resident_id,kind', 'true');
CREATE TRIGGER household_one_head_at_a_time AFTER INSERT ON registers_householdmember REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION registers_refuse_overlap('registers_household', 'household_id', 'household_id', 'row.role = ''head''');
CREATE TRIGGER household_one_head_at_a_time_on_update AFTER UPDATE ON registers_householdmember REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION registers_refuse_overlap('registers_household', 'household_id', 'household_id', 'row.role = ''head''');
CREATE TRIGGER family_link_once AFTER INSERT ON registers_familylink REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION registers_refuse_overlap('registers_resident', 'resident_id', 'resident_id,relative_id,relation', 'true');
CREATE TRIGGER family_link_once_on_update AFTER UPDATE ON registers_familylink REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION registers_refuse_overlap('registers_resident', 'resident_id', 'resident_id,relative_id,relation', 'true');
CREATE TRIGGER one_father_mother_spouse_at_a_time AFTER INSERT ON registers_familylink REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION registers_refuse_overlap('registers_resident', 'resident_id', 'resident_id,relation', 'row.relation IN (''father'', ''mother'', ''spouse'')');
CREATE TRIGGER one_father_mother_spouse_at_a_time_on_update AFTER UPDATE ON registers_familylink REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION registers_refuse_overlap('registers_resident', 'resident_id', 'resident_id,relation', 'row.relation IN (''father'', ''mother'', ''spouse'')');
