-- Of each programme and township: how much people were asked, how content they were, since a day; what was paid since another, for how many
-- beneficiaries, and for how many of them works were accepted with photos from before and after (none of them rejected).
WITH counted AS (
    SELECT p.programme, c.area_code, count(*) AS applications, sum(p.known) AS known, sum(p.asked) AS asked,
        0 AS invited, 0 AS answered, 0 AS score, 0 AS paid_fen, 0 AS units, 0 AS completed
    FROM entitlements_application p JOIN casework_case c ON c.id = p.case_id
    WHERE c.opened_at >= %(since)s
    GROUP BY 1, 2
    UNION ALL
    SELECT c.programme, c.area_code, 0, 0, 0, count(*), count(s.score), coalesce(sum(s.score), 0), 0, 0, 0
    FROM casework_survey s JOIN casework_case c ON c.id = s.case_id
    WHERE c.kind = 'application' AND s.invited_at >= %(since)s
    GROUP BY 1, 2
    UNION ALL
    SELECT p.programme, p.area_code, 0, 0, 0, 0, 0, 0, sum(p.amount_fen), count(DISTINCT a.beneficiary), 0
    FROM settlement_payment p JOIN agreements_award a ON a.uid = p.award
    WHERE p.state = 'paid' AND p.part IN ('whole', 'retained') AND p.paid_on >= %(year)s
    GROUP BY 1, 2
    UNION ALL
    SELECT p.programme, c.area_code, 0, 0, 0, 0, 0, 0, 0, 0, count(DISTINCT p.beneficiary)
    FROM casework_steptaken t
    JOIN casework_case c ON c.id = t.case_id
    JOIN entitlements_application p ON p.case_id = c.id
    WHERE t.kind = 'accept_works' AND t.result = 'passed' AND t.done_at >= %(year)s
        AND 2 = (
            SELECT count(DISTINCT d.part) FROM casework_document d
            WHERE d.case_id = c.id AND d.part IN ('before', 'after') AND d.check_result <> 'rejected'
        )
    GROUP BY 1, 2
)
SELECT programme, substr(area_code, 1, 9) AS area_code, sum(applications)::int AS applications, sum(known)::int AS known, sum(asked)::int AS asked,
    sum(invited)::int AS invited, sum(answered)::int AS answered, sum(score)::int AS score, sum(paid_fen)::bigint AS paid_fen,
    sum(units)::int AS units, sum(completed)::int AS completed
FROM counted GROUP BY 1, 2 ORDER BY 1, 2
