-- Everybody who is entitled now (counting.ENTITLED) by how far they have come towards being paid: of each the furthest that holds. Each table is read once, and the
-- newest of several rows found by its number: grouping needs no order. Into a table of the transaction's own, whose size the planner knows for
-- what follows (unpaid.sql, counting.py).
CREATE TEMPORARY TABLE insight_now ON COMMIT DROP AS
WITH told AS (
    SELECT n.programme, split_part(f.subject, ':', 2)::uuid AS subject, min(n.written_at) AS at
    FROM notices_notice n JOIN trace_fact f ON f.id = n.fact
    WHERE n.template IN ('screening-found', 'screening-found-for-ward')
    GROUP BY 1, 2
), newest AS (
    SELECT max(p.id) AS id FROM entitlements_application p GROUP BY p.programme, p.beneficiary
), asked AS (
    SELECT p.id AS application, p.programme, p.beneficiary, p.answer, c.id AS case_id, c.uid, c.status, c.outcome, c.step, c.opened_at, c.closed_at
    FROM newest n JOIN entitlements_application p ON p.id = n.id JOIN casework_case c ON c.id = p.case_id
), lacking AS (
    SELECT r.case_id, string_agg(r.material, ',' ORDER BY r.material) AS materials
    FROM casework_requirement r JOIN casework_pause w ON w.case_id = r.case_id AND w.ended_at IS NULL AND w.reason = 'supplement'
    WHERE r.state = 'wanted' AND r.asked_at IS NOT NULL
    GROUP BY 1
), awarded AS (
    SELECT max(a.id) AS id FROM agreements_award a WHERE a.state <> 'dropped' GROUP BY a.programme, a.beneficiary
), award AS (
    SELECT a.id, a.uid, a.programme, a.beneficiary, a.case_id, a.state, a.ending, a.state_since, a.account_cipher = '' AS bare
    FROM awarded n JOIN agreements_award a ON a.id = n.id
), paying AS (
    SELECT p.award, bool_or(p.state = 'paid') AS ever, max(p.id) AS id, max(p.state_since) AS since
    FROM settlement_payment p WHERE p.state <> 'withdrawn' AND p.part IN ('whole', 'retained')
    GROUP BY 1
), payment AS (
    SELECT y.award, y.ever, y.since, p.state, p.reason FROM paying y JOIN settlement_payment p ON p.id = y.id
), latest AS (
    SELECT max(i.id) AS id FROM batches_item i GROUP BY i.award_id
), listed AS (
    SELECT i.award_id, i.state, i.reason, i.added_at, i.ended_at, b.state AS batch, i.state = 'paid' AND i.came_back_at IS NULL AS paid
    FROM latest n JOIN batches_item i ON i.id = n.id JOIN batches_batch b ON b.id = i.batch_id
), held AS (
    {held}
), stood AS (
    SELECT d.programme, d.subject, d.subject_kind, d.area_code, d.amount_fen, d.since AS found_at, t.at AS told_at, k.uid AS case_uid,
        k.opened_at, k.closed_at, k.step, k.answer, s.opened_at AS step_at, l.materials, k.application, a.ending, a.state_since,
        p.reason AS bank_reason, p.since AS payment_at, i.reason AS off_reason, i.batch, i.added_at, i.ended_at, e.reason AS rest,
        CASE
            WHEN a.state = 'proposed' OR a.state = 'suspended' AND NOT coalesce(p.ever, false) THEN a.state
            WHEN a.state IN ('active', 'suspended') AND p.ever OR o.once AND i.paid THEN 'paid'
            WHEN o.stands AND p.state = 'failed' THEN 'failed'
            WHEN o.stands AND p.state = 'waiting' THEN 'account'
            WHEN o.stands AND p.state = 'ordered' THEN 'bank'
            WHEN o.stands AND p.state IN ('ready', 'retained') THEN p.state
            WHEN o.stands AND i.state = 'listed' THEN 'batch'
            WHEN o.stands AND i.state = 'removed' THEN 'taken_off'
            WHEN o.stands AND a.bare THEN 'no_account'
            WHEN o.stands THEN 'unbatched'
            WHEN k.status = 'open' AND l.materials IS NOT NULL THEN 'missing'
            WHEN k.status = 'open' AND k.step IS NULL THEN 'received'
            WHEN k.status = 'open' THEN 'step'
            WHEN b.subject IS NOT NULL THEN 'held'
            WHEN a.case_id = k.case_id THEN 'ended'
            WHEN k.outcome IN ('refused', 'lapsed', 'withdrawn') THEN k.outcome
            WHEN k.outcome = 'forwarded' AND coalesce(k.answer, '') = '' THEN 'forwarded'
            WHEN k.case_id IS NOT NULL THEN 'done'
            WHEN t.at IS NOT NULL THEN 'unanswered'
            ELSE 'uninvited'
        END AS state
    FROM screening_determination d
    LEFT JOIN told t ON t.programme = d.programme AND t.subject = d.subject
    LEFT JOIN asked k ON k.programme = d.programme AND k.beneficiary = d.subject
    LEFT JOIN casework_steptaken s ON s.case_id = k.case_id AND s.done_at IS NULL AND k.status = 'open'
    LEFT JOIN lacking l ON l.case_id = k.case_id
    LEFT JOIN award a ON a.programme = d.programme AND a.beneficiary = d.subject
    CROSS JOIN LATERAL (SELECT a.ending = 'completed' AND (k.case_id IS NULL OR a.case_id = k.case_id) AS once) c
    CROSS JOIN LATERAL (SELECT c.once, a.state = 'active' OR c.once AS stands) o  -- what was paid once and came back is owed again
    LEFT JOIN agreements_rest e ON e.award_id = a.id AND e.until_day IS NULL
    LEFT JOIN payment p ON p.award = a.uid
    LEFT JOIN listed i ON i.award_id = a.id
    LEFT JOIN held b ON b.programme = d.programme AND b.subject = d.subject
    WHERE d.until IS NULL AND {entitled}
    OFFSET 0  -- a fence: state is found once a row, not again wherever it is named below
)
SELECT programme, subject, subject_kind, area_code, amount_fen, state, case_uid,
    left(coalesce(CASE state
        WHEN 'step' THEN step WHEN 'missing' THEN materials WHEN 'refused' THEN (
            SELECT string_agg(k.key, ',' ORDER BY k.key) FROM jsonb_each((
                SELECT d.conditions FROM entitlements_decision d WHERE d.application_id = stood.application AND d.outcome = 'refused'
                ORDER BY d.id DESC LIMIT 1
            )) k WHERE k.value = 'false'
        ) WHEN 'batch' THEN batch
        WHEN 'taken_off' THEN off_reason WHEN 'account' THEN bank_reason WHEN 'failed' THEN bank_reason WHEN 'suspended' THEN rest
        WHEN 'ended' THEN ending END, ''), 200) AS detail,
    coalesce(CASE
        WHEN state = 'unanswered' THEN told_at
        WHEN state IN ('missing', 'step') THEN coalesce(step_at, opened_at)
        WHEN state = 'received' THEN opened_at
        WHEN state IN ('refused', 'lapsed', 'withdrawn', 'forwarded') THEN closed_at
        WHEN state IN ('failed', 'account', 'bank', 'ready', 'retained') THEN payment_at
        WHEN state = 'batch' THEN added_at
        WHEN state = 'taken_off' THEN ended_at
        WHEN state IN ('proposed', 'suspended', 'no_account', 'unbatched', 'ended') THEN state_since END, found_at) AS since
FROM stood
