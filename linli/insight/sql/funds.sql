-- Of each programme, township and fund: what banks said was paid out of it since a day. The shares of a payment bear it one after the other
-- (settlement.acts.shared.borne): its main part the first of them, what was kept back of it the rest.
WITH paid AS (
    SELECT p.programme, p.area_code, p.funds, p.shares, 0::bigint AS gone, p.amount_fen
    FROM settlement_payment p
    WHERE p.state = 'paid' AND p.part = 'whole' AND p.paid_on >= %(year)s
    UNION ALL
    SELECT p.programme, p.area_code, m.funds, m.shares, m.amount_fen + coalesce(m.offset_fen, 0), p.amount_fen
    FROM settlement_payment p JOIN settlement_payment m ON m.item = p.item AND m.part = 'whole'
    WHERE p.state = 'paid' AND p.part = 'retained' AND p.paid_on >= %(year)s
), borne AS (
    SELECT paid.programme, paid.area_code, s.fund, s.share, gone, amount_fen,
        sum(s.share) OVER (PARTITION BY number ORDER BY s.place) - s.share AS before
    FROM (SELECT paid.*, row_number() OVER () AS number FROM paid) paid
    CROSS JOIN LATERAL unnest(paid.funds, paid.shares) WITH ORDINALITY s (fund, share, place)
)
SELECT programme, substr(area_code, 1, 9) AS area_code, fund,
    sum(greatest(0, least(before + share, gone + amount_fen) - greatest(before, gone)))::bigint AS paid_fen
FROM borne GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
