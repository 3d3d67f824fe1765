-- Awards that are due in a batch's period and area become its items, once each; whoever is on an open list, or was paid for the period, is not
-- taken again. One row locks nothing of an award; two batches that gather at once are kept apart by the unique indexes.
INSERT INTO batches_item (uid, batch_id, programme, period, award_id, person, beneficiary_kind, beneficiary, household, area_code, county,
    category, level_fen, amount_fen, payee, payee_uid, minor, fund, state, reason, added_at)
SELECT gen_random_uuid(), %(batch)s, a.programme, %(period)s, a.id, a.person, a.beneficiary_kind, a.beneficiary,
    CASE WHEN a.beneficiary_kind = 'household' THEN a.beneficiary ELSE home.uid END, a.area_code, left(a.area_code, 6),
    a.category, a.amount_fen, a.amount_fen, a.payee, a.payee_uid, a.minor, '', 'listed', '', %(now)s
FROM agreements_award a
LEFT JOIN LATERAL (
    SELECT h.uid FROM registers_resident r
    JOIN registers_householdmember m ON m.resident_id = r.id AND m.kind = %(household)s AND m.known_to IS NULL
        AND m.valid_from <= %(today)s AND (m.valid_to IS NULL OR m.valid_to > %(today)s)
    JOIN registers_household h ON h.id = m.household_id
    WHERE r.uid = a.beneficiary AND a.beneficiary_kind = 'person'
    ORDER BY m.id LIMIT 1
) home ON true
WHERE a.programme = %(programme)s AND a.state = ANY (%(states)s) AND a.amount_fen IS NOT NULL
    AND a.begins_on <= %(last)s AND (a.ends_on IS NULL OR a.ends_on >= %(first)s)
    AND starts_with(a.area_code, %(area)s)
    AND NOT EXISTS (SELECT 1 FROM batches_item i WHERE i.award_id = a.id AND (i.state = 'listed' OR (i.state = 'paid' AND i.period = %(period)s)))
ORDER BY a.area_code, a.id
ON CONFLICT DO NOTHING
