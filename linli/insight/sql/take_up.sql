-- Of each programme and township: found, told by a letter, reached by it, holding the benefit, undecided; entitled are the found, and those
-- who hold it although the registers leave them undecided: an officer granted it on their papers. Whom a letter is about is the
-- subject of the fact that it tells: a child's goes to the guardians, a household's to its head.
WITH told AS (
    SELECT n.programme, split_part(f.subject, ':', 2)::uuid AS subject,
        bool_or(n.read_at IS NOT NULL OR EXISTS (SELECT FROM notices_delivery v WHERE v.notice_id = n.id AND v.status = 'sent')) AS reached
    FROM notices_notice n
    JOIN trace_fact f ON f.id = n.fact
    WHERE n.template IN ('screening-found', 'screening-found-for-ward')
    GROUP BY n.programme, f.subject
), held AS (
    {held}
)
SELECT
    d.programme,
    substr(d.area_code, 1, 9) AS area_code,
    count(*) FILTER (WHERE d.verdict = 'eligible') AS found,
    count(t.subject) FILTER (WHERE d.verdict = 'eligible') AS invited,
    count(*) FILTER (WHERE d.verdict = 'eligible' AND t.reached) AS reached,
    count(*) FILTER (WHERE {entitled}) AS entitled,
    count(b.subject) AS taken,
    count(*) FILTER (WHERE d.verdict = 'unknown') AS undecided,
    coalesce(sum(d.amount_fen) FILTER (WHERE d.verdict = 'eligible'), 0)::bigint AS amount_fen
FROM screening_determination d
LEFT JOIN told t ON t.programme = d.programme AND t.subject = d.subject
LEFT JOIN held b ON b.programme = d.programme AND b.subject = d.subject
WHERE d.until IS NULL
GROUP BY 1, 2
ORDER BY 1, 2
