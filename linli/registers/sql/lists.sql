-- Of what is believed now, one record per list, one authorisation per list and one holding per programme on any day.

ALTER TABLE registers_record ADD CONSTRAINT record_one_per_person
    EXCLUDE USING gist (resident_id WITH =, list_slug WITH =, daterange(valid_from, valid_to) WITH &&)
    WHERE (known_to IS NULL AND resident_id IS NOT NULL);
ALTER TABLE registers_record ADD CONSTRAINT record_one_per_household
    EXCLUDE USING gist (household_id WITH =, list_slug WITH =, daterange(valid_from, valid_to) WITH &&)
    WHERE (known_to IS NULL AND household_id IS NOT NULL);
ALTER TABLE registers_record ADD CONSTRAINT record_one_per_organisation
    EXCLUDE USING gist (organisation_id WITH =, list_slug WITH =, daterange(valid_from, valid_to) WITH &&)
    WHERE (known_to IS NULL AND organisation_id IS NOT NULL);

ALTER TABLE registers_authorisation ADD CONSTRAINT authorisation_one_at_a_time
    EXCLUDE USING gist (resident_id WITH =, list_slug WITH =, daterange(valid_from, valid_to) WITH &&) WHERE (known_to IS NULL);

ALTER TABLE registers_holding ADD CONSTRAINT holding_one_at_a_time
    EXCLUDE USING gist (
        programme_slug WITH =, coalesce(resident_id, 0) WITH =, coalesce(household_id, 0) WITH =, coalesce(organisation_id, 0) WITH =,
        daterange(valid_from, valid_to) WITH &&
    ) WHERE (known_to IS NULL);
