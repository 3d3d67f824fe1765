-- What was decided since a day and still stands, by the county of the people and the office that decided it, with what the batches' checks
-- and the spot checks of automatic approvals found of it afterwards. A finding that was cleared is none.
WITH decided AS (
    SELECT p.case_id, p.programme, left(c.area_code, 6) AS area_code, c.receipt, d.outcome, d.automatic
    FROM entitlements_decision d
    JOIN entitlements_application p ON p.id = d.application_id
    JOIN casework_case c ON c.id = p.case_id
    WHERE d.decided_at >= %(since)s AND NOT EXISTS (SELECT FROM entitlements_decision r WHERE r.replaces_id = d.id)
), desk AS (
    SELECT DISTINCT ON (t.case_id) t.case_id, t.desk_code, t.department
    FROM casework_steptaken t
    WHERE t.kind IN ('decide', 'register', 'forward') AND t.result = 'passed'
    ORDER BY t.case_id, t.position DESC
), looked AS (
    SELECT a.case_id, bool_or(x.result = 'finding' AND x.settled <> 'cleared') AS finding
    FROM batches_check x
    JOIN batches_item i ON i.id = x.item_id
    JOIN agreements_award a ON a.id = i.award_id
    WHERE x.result <> ''
    GROUP BY 1
), spot AS (
    SELECT s.fact AS receipt, bool_or(s.outcome = 'finding') AS finding
    FROM casework_case s WHERE s.kind = 'spot_check' AND s.status = 'closed'
    GROUP BY 1
)
SELECT d.programme, d.area_code, CASE WHEN d.automatic THEN '' ELSE coalesce(k.desk_code, '') END AS desk_code,
    CASE WHEN d.automatic THEN '' ELSE coalesce(k.department, '') END AS department, d.automatic,
    (count(*) FILTER (WHERE d.outcome <> 'refused'))::int AS granted, (count(*) FILTER (WHERE d.outcome = 'refused'))::int AS refused,
    (count(*) FILTER (WHERE l.case_id IS NOT NULL OR s.receipt IS NOT NULL))::int AS checked,
    (count(*) FILTER (WHERE coalesce(l.finding, FALSE) OR coalesce(s.finding, FALSE)))::int AS findings
FROM decided d
LEFT JOIN desk k ON k.case_id = d.case_id
LEFT JOIN looked l ON l.case_id = d.case_id
LEFT JOIN spot s ON s.receipt = d.receipt
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
