-- Awards that are due in a batch's period and area become its items, once each; why the others are left out is kept beside. One row locks
-- nothing of an award; two batches that gather at once are kept apart by the unique indexes. What is due has award_id, fen, reckoning, reason
-- ("" where it is listed) and facts.
WITH due AS MATERIALIZED ({due}),
listed AS (
    INSERT INTO batches_item (uid, batch_id, programme, period, award_id, person, beneficiary_kind, beneficiary, household, area_code, county,
        category, level_fen, amount_fen, reckoning, payee, payee_uid, minor, fund, state, reason, added_at)
    SELECT gen_random_uuid(), %(batch)s, a.programme, %(period)s, a.id, a.person, a.beneficiary_kind, a.beneficiary,
        CASE WHEN a.beneficiary_kind = 'household' THEN a.beneficiary ELSE home.uid END, a.area_code, left(a.area_code, 6),
        a.category, d.fen, d.fen, d.reckoning, a.payee, a.payee_uid, a.minor, '', 'listed', '', %(now)s
    FROM due d JOIN agreements_award a ON a.id = d.award_id
    LEFT JOIN LATERAL (
        SELECT h.uid FROM registers_resident r
        JOIN registers_householdmember m ON m.resident_id = r.id AND m.kind = %(household)s AND m.known_to IS NULL
            AND m.valid_from <= %(today)s AND (m.valid_to IS NULL OR m.valid_to > %(today)s)
        JOIN registers_household h ON h.id = m.household_id
        WHERE r.uid = a.beneficiary AND a.beneficiary_kind = 'person'
        ORDER BY m.id LIMIT 1
    ) home ON true
    WHERE d.reason = ''
    ORDER BY a.area_code, a.id
    ON CONFLICT DO NOTHING
    RETURNING 1
),
left_out AS (
    INSERT INTO batches_leftout (batch_id, award_id, reason, facts)
    SELECT %(batch)s, d.award_id, d.reason, d.facts FROM due d WHERE d.reason <> ''
)
SELECT count(*) FROM listed
