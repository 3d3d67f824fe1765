-- How many people live at each address of the registers on a day, and how many of each group (docs/circles.md, "People").
-- Set-based: one pass over those who live somewhere, with the people on the list that the group goes by. In braces: the conditions of the groups.
INSERT INTO circles_home (code, lon, lat, residents, elders, children, infants, wheelchair)
SELECT
    h.code,
    CASE WHEN length(h.code) > 12 THEN a.lon END,
    CASE WHEN length(h.code) > 12 THEN a.lat END,
    h.residents, h.elders, h.children, h.infants, h.wheelchair
FROM (
    SELECT
        x.area_code AS code,
        count(*) FILTER (WHERE {residents}) AS residents,
        count(*) FILTER (WHERE {elders}) AS elders,
        count(*) FILTER (WHERE {children}) AS children,
        count(*) FILTER (WHERE {infants}) AS infants,
        count(*) FILTER (WHERE {wheelchair}) AS wheelchair
    FROM registers_situation x
    JOIN registers_resident r ON r.id = x.resident_id
    WHERE x.kind = 'lives' AND x.known_to IS NULL AND x.valid_from <= %(day)s AND (x.valid_to IS NULL OR x.valid_to > %(day)s)
        AND r.erased_at IS NULL AND (r.deceased_on IS NULL OR r.deceased_on > %(day)s)
    GROUP BY x.area_code
) h
LEFT JOIN registers_area a ON a.code = h.code AND a.valid_from <= %(day)s AND (a.valid_to IS NULL OR a.valid_to > %(day)s)
    AND a.lon IS NOT NULL AND a.lat IS NOT NULL
