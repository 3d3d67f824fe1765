"""Which subjects a snapshot or a live look takes, in which order, and the family links among them."""

from __future__ import annotations

from linli.registers.snapshot.columns import KNOWN_THEN, TRUE_THEN, Filled, Selection

RELATIONS = Selection(
    columns=(
        Filled("person_id", "text", "a.uid::text"),
        Filled("relative_id", "text", "b.uid::text"),
        Filled("relation", "text", "x.relation"),
    ),
    # Ordered within one person too, so that the file is the same every time.
    source=f"""
        FROM chosen c
        JOIN registers_resident a ON a.id = c.id
        JOIN LATERAL (
            SELECT x.relative_id, x.relation FROM registers_familylink x
            WHERE x.resident_id = c.id AND {TRUE_THEN} AND {KNOWN_THEN} AND x.relative_id NOT IN (SELECT d.id FROM snapshot_dead d)
        ) x ON TRUE
        JOIN registers_resident b ON b.id = x.relative_id AND b.erased_at IS NULL
    """,  # noqa: S608 - constants of this package
    order="c.n, b.uid, x.relation",
)

# The dead are nobody's household member or relative any more, and no programme finds them: they leave from the day of death.
# A household that lost a member to an erasure stays a subject, but nobody is shown in it: its members are not known, so nothing
# is added up over those who are left. A household with nobody left alive is none.
CHOOSE = f"""
    CREATE TEMPORARY TABLE snapshot_dead ON COMMIT DROP AS
    SELECT r.id FROM registers_residents_known_at(%(known_at)s) r WHERE r.deceased_on <= %(as_of)s;

    CREATE TEMPORARY TABLE snapshot_people ON COMMIT DROP AS
    SELECT
        row_number() OVER (ORDER BY m.household_id COLLATE "C" NULLS LAST, r.uid) AS n,
        r.id, m.household_id, m.role, m.book_id, m.book_role, m.homes
    FROM registers_residents_known_at(%(known_at)s) r
    LEFT JOIN (
        SELECT
            x.resident_id,
            max(h.uid::text) FILTER (WHERE x.kind = 'shared_living' AND h.members_lost IS NULL) AS household_id,
            max(x.role) FILTER (WHERE x.kind = 'shared_living' AND h.members_lost IS NULL) AS role,
            max(h.uid::text) FILTER (WHERE x.kind = 'hukou_book' AND h.members_lost IS NULL) AS book_id,
            max(x.role) FILTER (WHERE x.kind = 'hukou_book' AND h.members_lost IS NULL) AS book_role,
            array_agg(x.household_id) AS homes
        FROM registers_householdmember x JOIN registers_household h ON h.id = x.household_id
        WHERE {TRUE_THEN} AND {KNOWN_THEN}
        GROUP BY x.resident_id
    ) m ON m.resident_id = r.id
    WHERE NOT r.erased AND r.id NOT IN (SELECT d.id FROM snapshot_dead d) AND (%(area)s = '' OR EXISTS (
        SELECT FROM registers_situation x
        WHERE x.resident_id = r.id AND x.kind IN ('registered', 'lives')
            AND x.area_code >= %(area)s AND x.area_code < %(next_area)s AND {TRUE_THEN} AND {KNOWN_THEN}
    ));

    CREATE TEMPORARY TABLE snapshot_households ON COMMIT DROP AS
    SELECT row_number() OVER (ORDER BY h.uid) AS n, h.id
    FROM registers_household h
    WHERE h.known_from <= %(known_at)s AND h.valid_from <= %(as_of)s AND (h.valid_to IS NULL OR h.valid_to > %(as_of)s)
        AND h.id IN (SELECT unnest(p.homes) FROM snapshot_people p);

    CREATE TEMPORARY TABLE snapshot_organisations ON COMMIT DROP AS
    SELECT row_number() OVER (ORDER BY o.uid) AS n, o.id
    FROM registers_organisation o
    WHERE %(area)s = '' OR (o.area_code >= %(area)s AND o.area_code < %(next_area)s)
"""  # noqa: S608 - constants of this package

# Whom a live look takes: the asked and, as far as wanted, everybody in their households and their relatives. Lists of uids stand
# in sub-selects for the planner's sake: see kernel.prepared. The limits change no answer, a uid being one row's; they tell it that
# few are asked for, or it would reckon with so many rows that it compiles the statement (jit) for a second to run it for a millisecond.
EVERYONE = f"""
    WITH residents AS (
        SELECT r.id FROM registers_resident r WHERE r.uid = ANY((SELECT %(residents)s::uuid[])::uuid[])
        LIMIT (SELECT cardinality(%(residents)s::uuid[]))
    ), households AS (
        SELECT h.id FROM registers_household h WHERE h.uid = ANY((SELECT %(households)s::uuid[])::uuid[])
        LIMIT (SELECT cardinality(%(households)s::uuid[]))
    ), asked AS (
        SELECT id FROM residents
        UNION
        SELECT x.resident_id FROM registers_householdmember x JOIN households h ON h.id = x.household_id
        WHERE {TRUE_THEN} AND {KNOWN_THEN}
    ), homes AS (
        SELECT DISTINCT x.household_id FROM registers_householdmember x JOIN asked a ON a.id = x.resident_id
        WHERE %(members)s::boolean AND {TRUE_THEN} AND {KNOWN_THEN}
    ), everyone AS (
        SELECT id FROM asked
        UNION
        SELECT x.resident_id FROM registers_householdmember x JOIN homes o ON o.household_id = x.household_id
        WHERE {TRUE_THEN} AND {KNOWN_THEN}
        UNION
        SELECT x.relative_id FROM registers_familylink x JOIN asked a ON a.id = x.resident_id
        WHERE %(relatives)s::boolean AND {TRUE_THEN} AND {KNOWN_THEN}
    )
    SELECT
        row_number() OVER (ORDER BY max(h.uid::text) FILTER (WHERE x.kind = 'shared_living') COLLATE "C" NULLS LAST, r.uid) AS n,
        r.id,
        r.id IN (SELECT id FROM asked) AS asked,
        max(h.uid::text) FILTER (WHERE x.kind = 'shared_living' AND h.members_lost IS NULL) AS household_id,
        max(x.role) FILTER (WHERE x.kind = 'shared_living' AND h.members_lost IS NULL) AS role,
        max(h.uid::text) FILTER (WHERE x.kind = 'hukou_book' AND h.members_lost IS NULL) AS book_id,
        max(x.role) FILTER (WHERE x.kind = 'hukou_book' AND h.members_lost IS NULL) AS book_role,
        array_agg(h.uid::text) FILTER (WHERE h.members_lost) AS lost_homes
    FROM everyone e
    JOIN registers_resident r ON r.id = e.id AND r.erased_at IS NULL
    LEFT JOIN registers_householdmember x ON x.resident_id = e.id AND {TRUE_THEN} AND {KNOWN_THEN}
    LEFT JOIN registers_household h ON h.id = x.household_id
    GROUP BY r.id
"""  # noqa: S608 - constants of this package

# What a live look carries beside a person's facts. No fact's name begins with #.
BESIDE_PEOPLE = f"""
    c.asked AS "#asked",
    c.lost_homes AS "#lost_homes",
    CASE WHEN c.asked AND %(relatives)s::boolean THEN (
        SELECT array_agg(ARRAY[b.uid::text, x.relation] ORDER BY b.uid, x.relation)
        FROM registers_familylink x JOIN registers_resident b ON b.id = x.relative_id
        WHERE x.resident_id = c.id AND {TRUE_THEN} AND {KNOWN_THEN}
    ) END AS "#relatives"
"""  # noqa: S608 - constants of this package

CHOSEN_HOUSEHOLDS = """
    SELECT row_number() OVER (ORDER BY h.uid) AS n, h.id FROM registers_household h
    WHERE h.uid = ANY((SELECT %(homes)s::uuid[])::uuid[])
"""

CHOSEN_ORGANISATIONS = """
    SELECT row_number() OVER (ORDER BY o.uid) AS n, o.id FROM registers_organisation o
    WHERE o.uid = ANY((SELECT %(wanted)s::uuid[])::uuid[])
"""
