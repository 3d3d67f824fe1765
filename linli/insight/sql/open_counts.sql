-- Of each programme, quarter and county: whom the rule found at some time of it, and in it: applications, decisions that still stand,
-- beneficiaries whom banks paid, how much, and the most that one of them got. quarters: names with their first moments and those of the quarters after them.
WITH quarter AS (
    SELECT * FROM unnest(%(names)s::text[], %(firsts)s::timestamptz[], %(pasts)s::timestamptz[]) AS q (name, first, past)
), counted AS (
    SELECT d.programme, q.name, d.area_code, 'eligible' AS measure, count(DISTINCT d.subject)::bigint AS number
    FROM quarter q JOIN screening_determination d ON d.since < q.past AND (d.until IS NULL OR d.until > q.first)
    WHERE d.verdict = 'eligible'
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT p.programme, q.name, c.area_code, 'applied', count(*)
    FROM quarter q
    JOIN casework_case c ON c.opened_at >= q.first AND c.opened_at < q.past
    JOIN entitlements_application p ON p.case_id = c.id
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT p.programme, q.name, c.area_code, CASE WHEN e.outcome = 'refused' THEN 'refused' ELSE 'granted' END, count(*)
    FROM quarter q
    JOIN entitlements_decision e ON e.decided_at >= q.first AND e.decided_at < q.past
    JOIN entitlements_application p ON p.id = e.application_id
    JOIN casework_case c ON c.id = p.case_id
    WHERE NOT EXISTS (SELECT FROM entitlements_decision r WHERE r.replaces_id = e.id)
    GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT g.programme, g.name, g.area_code, m.measure,
        CASE m.measure WHEN 'paid' THEN count(*) WHEN 'paid_fen' THEN sum(g.fen) ELSE max(g.fen) END
    FROM (
        SELECT p.programme, q.name, p.area_code, a.beneficiary, sum(p.amount_fen)::bigint AS fen
        FROM quarter q
        JOIN settlement_payment p
            ON p.paid_on >= (q.first AT TIME ZONE 'Asia/Shanghai')::date AND p.paid_on < (q.past AT TIME ZONE 'Asia/Shanghai')::date
        JOIN agreements_award a ON a.uid = p.award
        WHERE p.state = 'paid' AND p.part IN ('whole', 'retained')
        GROUP BY 1, 2, 3, 4
    ) g
    CROSS JOIN (VALUES ('paid'), ('paid_fen'), ('paid_most')) AS m (measure)
    GROUP BY 1, 2, 3, 4
)
SELECT programme, name, measure, CASE WHEN left(area_code, 6) = ANY (%(counties)s::text[]) THEN left(area_code, 6) ELSE 'other' END AS area,
    (CASE measure WHEN 'paid_most' THEN max(number) ELSE sum(number) END)::bigint AS number
FROM counted GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
