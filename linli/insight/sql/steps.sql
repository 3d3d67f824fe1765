-- Working days of every step that officers passed on or sent back since a day, and of the whole way from acceptance to the end (step ''), by
-- version for the city and each county. ordinals: how many working days there were up to each day from %(first)s on; a step that began
-- before it is left out. Days on which the clock stood still are counted apart. Approved by rule alone, taken back, lapsed:
-- no officer's time, so not in it. Days are few: equal ones are counted first, and percentiles found in the counts. Each table is read once,
-- whole; only what has a pause looks at it.
WITH stay AS (
    SELECT t.case_id, count(*) AS stays FROM casework_steptaken t GROUP BY 1
), paused AS (
    SELECT w.case_id, array_agg(w.began_at) AS began, array_agg(w.ended_at) AS ended FROM casework_pause w GROUP BY 1
), part AS (
    SELECT c.programme, coalesce(c.programme_version, '') AS version, left(c.area_code, 6) AS county, t.step, t.opened_at AS begun,
        t.done_at AS ended, coalesce(t.done_at > t.due_at, FALSE) AS late, 0::bigint AS stays, w.began AS stops, w.ended AS starts
    FROM casework_steptaken t
    JOIN casework_case c ON c.id = t.case_id
    JOIN entitlements_application p ON p.case_id = c.id
    LEFT JOIN paused w ON w.case_id = c.id
    WHERE t.done_at >= %(since)s AND t.result IN ('passed', 'returned') AND NOT p.automatic
    UNION ALL
    SELECT c.programme, coalesce(c.programme_version, ''), left(c.area_code, 6), '', c.accepted_at, c.closed_at, c.closed_at > c.due_at,
        coalesce(s.stays, 0), w.began, w.ended
    FROM casework_case c
    JOIN entitlements_application p ON p.case_id = c.id
    LEFT JOIN stay s ON s.case_id = c.id
    LEFT JOIN paused w ON w.case_id = c.id
    WHERE c.status = 'closed' AND c.closed_at >= %(since)s AND c.accepted_at IS NOT NULL AND c.outcome NOT IN ('withdrawn', 'lapsed')
        AND NOT p.automatic
), placed AS (
    SELECT e.programme, e.version, e.county, e.step, e.late, e.stays,
        (e.begun AT TIME ZONE 'Asia/Shanghai')::date - %(first)s::date + 1 AS a,
        (e.ended AT TIME ZONE 'Asia/Shanghai')::date - %(first)s::date + 1 AS b,
        CASE WHEN e.stops IS NULL THEN 0 ELSE (
            SELECT coalesce(sum(
                (%(ordinals)s::int[])[(least(coalesce(u.ended, e.ended), e.ended) AT TIME ZONE 'Asia/Shanghai')::date - %(first)s::date + 1]
                - (%(ordinals)s::int[])[(greatest(u.began, e.begun) AT TIME ZONE 'Asia/Shanghai')::date - %(first)s::date + 1]
            ), 0)
            FROM unnest(e.stops, e.starts) AS u (began, ended)
            WHERE u.began < e.ended AND coalesce(u.ended, e.ended) > e.begun
        ) END AS stood
    FROM part e
), measured AS (
    SELECT programme, version, county, step, stood, (%(ordinals)s::int[])[b] - (%(ordinals)s::int[])[a] - stood AS days,
        count(*) AS number, count(*) FILTER (WHERE late) AS late, sum(stays) AS stays
    FROM placed
    GROUP BY 1, 2, 3, 4, 5, 6
), ranked AS (
    SELECT m.programme, m.version, left(m.county, size.digits) AS area_code, m.step, m.days, m.stood, m.number, m.late, m.stays,
        sum(m.number) OVER (PARTITION BY m.programme, m.version, left(m.county, size.digits), m.step ORDER BY m.days) AS up,
        sum(m.number) OVER (PARTITION BY m.programme, m.version, left(m.county, size.digits), m.step ORDER BY m.stood) AS stood_up,
        sum(m.number) OVER (PARTITION BY m.programme, m.version, left(m.county, size.digits), m.step) AS total
    FROM measured m CROSS JOIN (VALUES (4), (6)) AS size (digits)
    WHERE m.days IS NOT NULL AND length(m.county) >= size.digits
)
SELECT programme, version, area_code, step, sum(number)::int AS number,
    (min(days) FILTER (WHERE 2 * up >= total))::int AS median, (min(days) FILTER (WHERE 10 * up >= 9 * total))::int AS ninth,
    (min(stood) FILTER (WHERE 2 * stood_up >= total))::int AS stood,
    sum(late)::int AS late, round(100 * sum(stays) / sum(number))::int AS hundredths
FROM ranked
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
