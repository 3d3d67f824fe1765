-- Of each list and county: statements in force, rows that wait for a human, disputes. places: for each list, which of a person's
-- areas it goes by.
WITH places AS (
    SELECT * FROM unnest(%(slugs)s::text[], %(kinds)s::text[]) AS p (list_slug, kind)
), counted AS (
    SELECT x.list_slug, substr(coalesce(s.area_code, h.area_code, o.area_code, ''), 1, 6) AS county,
        count(*) AS records, 0 AS doubtful, 0 AS wrong, 0 AS disputed, 0 AS corrected, 0 AS kept
    FROM registers_record x
    JOIN places p ON p.list_slug = x.list_slug
    LEFT JOIN LATERAL (
        SELECT y.area_code FROM registers_situation y
        WHERE y.resident_id = x.resident_id AND y.kind = p.kind AND y.known_to IS NULL
            AND y.valid_from <= %(day)s AND (y.valid_to IS NULL OR y.valid_to > %(day)s)
        LIMIT 1
    ) s ON TRUE
    LEFT JOIN registers_household h ON h.id = x.household_id
    LEFT JOIN registers_organisation o ON o.id = x.organisation_id
    WHERE x.known_to IS NULL AND x.present AND x.valid_from <= %(day)s AND (x.valid_to IS NULL OR x.valid_to > %(day)s)
    GROUP BY 1, 2
    UNION ALL
    SELECT d.list_slug, substr(coalesce(nullif(d.area_code, ''), i.area_code), 1, 6),
        0, count(*) FILTER (WHERE d.reason <> 'cell_error'), count(*) FILTER (WHERE d.reason = 'cell_error'), 0, 0, 0
    FROM registers_doubtful d
    JOIN registers_listimport i ON i.id = d.list_import_id
    WHERE d.resolved_at IS NULL
    GROUP BY 1, 2
    UNION ALL
    SELECT c.list_slug, substr(c.area_code, 1, 6), 0, 0, 0,
        count(*) FILTER (WHERE c.status = 'open'),
        count(*) FILTER (WHERE c.outcome = 'corrected' AND c.closed_at > %(since)s),
        count(*) FILTER (WHERE c.outcome = 'kept' AND c.closed_at > %(since)s)
    FROM casework_case c
    WHERE c.kind = 'fact_dispute' AND c.list_slug <> ''
    GROUP BY 1, 2
)
SELECT list_slug, CASE WHEN length(county) = 6 THEN county ELSE '' END AS county, sum(records)::int AS records, sum(doubtful)::int AS doubtful,
    sum(wrong)::int AS wrong, sum(disputed)::int AS disputed, sum(corrected)::int AS corrected, sum(kept)::int AS kept
FROM counted
GROUP BY 1, 2
ORDER BY 1, 2
