-- The base facts of every resident as they were believed at an instant (NULL: now). A resident first recorded later is absent.
-- Set-based: one pass over the present rows and one over the corrections that the instant falls into.
CREATE FUNCTION registers_residents_known_at(instant timestamptz)
RETURNS TABLE (
    id bigint, uid uuid, sex text, birth_date date, birth_known boolean, hukou_type text, deceased_on date, relations_known boolean,
    erased boolean
)
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT r.id, r.uid, r.sex, r.birth_date, r.birth_known, r.hukou_type, r.deceased_on, r.relations_known, r.erased_at IS NOT NULL
    FROM registers_resident r
    WHERE instant IS NULL OR r.known_from <= instant
    UNION ALL
    SELECT r.id, r.uid, p.sex, p.birth_date, p.birth_known, p.hukou_type, p.deceased_on, p.relations_known, r.erased_at IS NOT NULL
    FROM registers_residentpast p
    JOIN registers_resident r ON r.id = p.resident_id
    WHERE p.known_from <= instant AND instant < p.known_to
$$;
