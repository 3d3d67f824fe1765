-- linli/registers/queries/surroundings.py: where people live, or else are registered, on %(day)s, and what the places are called.
WITH homes AS MATERIALIZED (
    SELECT DISTINCT ON (s.resident_id) s.resident_id, s.area_code
    FROM registers_situation s
    WHERE s.resident_id = ANY((SELECT %(residents)s::bigint[])::bigint[]) AND s.kind IN ('registered', 'lives') AND s.known_to IS NULL
        AND s.valid_from <= %(day)s::date
        AND (s.valid_to IS NULL OR s.valid_to > %(day)s::date)
    ORDER BY s.resident_id, s.kind
)
SELECT
    (SELECT json_object_agg(h.resident_id, h.area_code) FROM homes h) AS homes,
    (
        SELECT json_object_agg(a.code, a.name) FROM registers_area a
        WHERE a.valid_to IS NULL AND a.code IN (SELECT left(h.area_code, step) FROM homes h, unnest(ARRAY[6, 9, 12, 20]) AS step)
    ) AS area_names
