-- Whoever is eligible and not paid, row by row: what changed is written, what stayed is not touched. One statement, each row in one part of it.
WITH gone AS (
    DELETE FROM insight_unpaid u
    WHERE NOT EXISTS (
        SELECT FROM insight_now n WHERE n.programme = u.programme AND n.subject = u.subject AND n.state NOT IN ('held', 'done', 'paid')
    )
), moved AS (
    UPDATE insight_unpaid u SET subject_kind = n.subject_kind, area_code = n.area_code, state = n.state, detail = n.detail,
        amount_fen = n.amount_fen, since = n.since, "case" = n.case_uid
    FROM insight_now n
    WHERE n.programme = u.programme AND n.subject = u.subject AND n.state NOT IN ('held', 'done', 'paid')
        AND (u.area_code, u.state, u.detail, u.amount_fen, u.since, u."case")
            IS DISTINCT FROM (n.area_code, n.state, n.detail, n.amount_fen, n.since, n.case_uid)
)
INSERT INTO insight_unpaid (programme, subject, subject_kind, area_code, state, detail, amount_fen, since, "case")
SELECT n.programme, n.subject, n.subject_kind, n.area_code, n.state, n.detail, n.amount_fen, n.since, n.case_uid
FROM insight_now n LEFT JOIN insight_unpaid u ON u.programme = n.programme AND u.subject = n.subject
WHERE u.id IS NULL AND n.state NOT IN ('held', 'done', 'paid')
