-- linli/registers/queries/surroundings.py: %(resident)s on %(day)s, everything as believed now.
WITH places AS MATERIALIZED (
    SELECT s.kind, s.area_code, s.valid_from, s.known_from
    FROM registers_situation s WHERE s.resident_id = %(resident)s::bigint AND s.known_to IS NULL
        AND s.valid_from <= %(day)s::date
        AND (s.valid_to IS NULL OR s.valid_to > %(day)s::date)
), homes AS MATERIALIZED (
    SELECT h.household_id FROM registers_householdmember h WHERE h.resident_id = %(resident)s::bigint AND h.known_to IS NULL
        AND h.valid_from <= %(day)s::date
        AND (h.valid_to IS NULL OR h.valid_to > %(day)s::date)
)
SELECT
    (SELECT json_agg(json_build_array(p.kind, p.area_code, p.valid_from, p.known_from) ORDER BY p.kind) FROM places p) AS places,
    (
        SELECT json_agg(json_build_array(r.id, r.uid, r.name, m.kind, m.role) ORDER BY m.kind, m.id)
        FROM registers_householdmember m JOIN registers_resident r ON r.id = m.resident_id
        WHERE m.household_id IN (SELECT household_id FROM homes) AND m.known_to IS NULL
        AND m.valid_from <= %(day)s::date
        AND (m.valid_to IS NULL OR m.valid_to > %(day)s::date)
    ) AS members,
    (
        SELECT json_agg(json_build_array(r.id, r.uid, r.name, '', f.relation) ORDER BY f.relation, f.id)
        FROM registers_familylink f JOIN registers_resident r ON r.id = f.relative_id
        WHERE f.resident_id = %(resident)s::bigint AND f.known_to IS NULL
        AND f.valid_from <= %(day)s::date
        AND (f.valid_to IS NULL OR f.valid_to > %(day)s::date)
    ) AS family,
    (
        SELECT json_object_agg(a.code, a.name) FROM registers_area a
        WHERE a.valid_to IS NULL AND a.code IN (SELECT left(p.area_code, step) FROM places p, unnest(ARRAY[6, 9, 12, 20]) AS step)
    ) AS area_names
