-- What every award that is due comes to: in full where it stood on any day of the period, also where it has ended or rests since, or, by the day,
-- its amount times the days that it stood over the days of the period, a part of a fen rounded up (agreements.reckoning.amount_for); and what earlier periods still owe.
SELECT a.id AS award_id, own.fen + more.fen AS fen,
    CASE WHEN %(by_day)s THEN jsonb_build_object('kind', 'prorated', 'first', %(first)s::date, 'last', %(last)s::date, 'stood', stood.days,
        'of', %(of)s::int, 'rate_fen', a.amount_fen, 'own_fen', own.fen, 'earlier', more.parts) END AS reckoning,
    CASE WHEN a.amount_fen IS NULL THEN 'no_amount'
        WHEN a.beneficiary_kind = 'person' AND EXISTS (SELECT 1 FROM registers_resident r WHERE r.uid = a.beneficiary AND r.deceased_on IS NOT NULL)
            THEN 'died'
        WHEN EXISTS (SELECT 1 FROM agreements_rest r WHERE r.award_id = a.id AND r.until_day IS NULL AND r.reason = 'finding') THEN 'finding'
        WHEN own.fen + more.fen = 0 THEN 'no_day' ELSE '' END AS reason,
    '[]'::jsonb AS facts
FROM agreements_award a
CROSS JOIN LATERAL (
    SELECT CASE WHEN EXISTS (SELECT 1 FROM agreements_rest r WHERE r.award_id = a.id) THEN (
            SELECT count(*) FROM generate_series(greatest(a.begins_on, %(first)s::date), least(coalesce(a.ends_on, %(last)s::date), %(last)s::date),
                interval '1 day') AS days (day)
            WHERE NOT EXISTS (SELECT 1 FROM agreements_rest r WHERE r.award_id = a.id AND r.from_day <= days.day::date
                AND (r.until_day IS NULL OR r.until_day >= days.day::date)))
        ELSE least(coalesce(a.ends_on, %(last)s::date), %(last)s::date) - greatest(a.begins_on, %(first)s::date) + 1 END AS days
) stood
CROSS JOIN LATERAL (
    SELECT CASE WHEN stood.days = 0 THEN 0 WHEN %(by_day)s THEN (a.amount_fen * stood.days + %(of)s::int - 1) / %(of)s::int
        ELSE a.amount_fen END AS fen
) own
CROSS JOIN LATERAL (
    SELECT coalesce(sum(d.fen), 0)::bigint AS fen,
        coalesce(jsonb_agg(jsonb_build_object('period', i.period, 'fen', d.fen) ORDER BY d.id), '[]'::jsonb) AS parts
    FROM batches_difference d JOIN batches_item i ON i.id = d.item_id LEFT JOIN batches_item l ON l.id = d.listed_in_id
    WHERE %(by_day)s AND i.award_id = a.id AND d.fen > 0 AND d.dropped_at IS NULL AND (l.id IS NULL OR l.state IN ('removed', 'failed'))
) more
WHERE a.programme = %(programme)s AND a.state = ANY (%(states)s) AND NOT a.ending = ANY (%(never)s)
    AND (a.state <> 'proposed'
        OR EXISTS (SELECT 1 FROM casework_steptaken s WHERE s.case_id = a.case_id AND s.kind = 'notice' AND s.done_at IS NULL))
    AND a.begins_on <= %(last)s::date
    AND (a.ends_on IS NULL OR a.ends_on >= %(first)s::date OR more.fen > 0)
    AND starts_with(a.area_code, %(area)s)
    AND NOT EXISTS (SELECT 1 FROM batches_item i WHERE i.award_id = a.id AND (i.state = 'listed' OR (i.state = 'paid' AND i.period = %(period)s)))
