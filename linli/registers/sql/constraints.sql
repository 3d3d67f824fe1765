-- What must hold for every row, however it was written. Ranges are half-open: [valid_from, valid_to).
-- Residents' own rows are guarded by overlaps.sql.

CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;

ALTER TABLE registers_area ADD CONSTRAINT area_one_version_at_a_time
    EXCLUDE USING gist (code WITH =, daterange(valid_from, valid_to) WITH &&);

ALTER TABLE registers_buildinggrid ADD CONSTRAINT building_in_one_grid_at_a_time
    EXCLUDE USING gist (building_code WITH =, daterange(valid_from, valid_to) WITH &&);

ALTER TABLE registers_household ADD CONSTRAINT household_id_and_kind UNIQUE (id, kind);
ALTER TABLE registers_householdmember ADD CONSTRAINT household_member_kind_is_the_households
    FOREIGN KEY (household_id, kind) REFERENCES registers_household (id, kind) DEFERRABLE INITIALLY DEFERRED;

-- A grid has one worker and a building or group one steward on any day.
ALTER TABLE registers_staffgrant ADD CONSTRAINT one_steward_at_a_time
    EXCLUDE USING gist (area_code WITH =, daterange(valid_from, valid_to) WITH &&)
    WHERE (role = 'steward' AND length(area_code) > 12);

CREATE INDEX organisation_name_trigrams ON registers_organisation USING gin (name gin_trgm_ops);
