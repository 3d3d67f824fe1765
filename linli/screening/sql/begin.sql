-- Begin what is new. What stands after end.sql equals its staged row, so a standing row means nothing is new.
WITH fresh AS (
    INSERT INTO screening_determination
        (programme, subject, subject_kind, area_code, verdict, amount_fen, missing, conditions, as_of, run_id, since)
    SELECT %(programme)s, s.subject, %(kind)s, s.area_code, s.verdict, s.amount_fen, s.missing, s.conditions, %(as_of)s, %(run)s, %(moment)s
      FROM screened AS s
     WHERE NOT EXISTS (
           SELECT FROM screening_determination AS d
            WHERE d.programme = %(programme)s AND d.subject = s.subject AND d.until IS NULL)
 RETURNING id, subject, verdict, amount_fen
)
INSERT INTO begun SELECT id, subject, verdict, amount_fen FROM fresh
