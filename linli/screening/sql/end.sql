-- End what no longer stands as it stood; what is unchanged keeps its since. scope null: every subject of the programme.
WITH changed AS (
    UPDATE screening_determination AS d
       SET until = %(moment)s, ended_by_id = %(run)s
     WHERE d.programme = %(programme)s
       AND d.until IS NULL
       AND (%(scope)s::uuid[] IS NULL OR d.subject = ANY (%(scope)s::uuid[]))
       AND NOT EXISTS (SELECT FROM newer AS n WHERE n.subject = d.subject)
       AND NOT EXISTS (
           SELECT FROM screened AS s
            WHERE s.subject = d.subject
              AND (s.area_code, s.verdict, s.missing, s.conditions) = (d.area_code, d.verdict, d.missing::text[], d.conditions)
              AND s.amount_fen IS NOT DISTINCT FROM d.amount_fen)
 RETURNING d.id, d.subject, d.verdict
)
INSERT INTO ended SELECT id, subject, verdict FROM changed
