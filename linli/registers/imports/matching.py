"""Whose row is it: by key, else by name, birth date and area; what is not certain becomes a doubt. Set-based.

Nobody outside the delivery's area is found, nor named as a candidate (linli/registers/imports/reach.py).
"""

from __future__ import annotations

from typing import Any

from django.db import connection

from linli.registers.imports.reach import is_inside
from linli.registers.lists import ListDeclaration

TRUE_NOW = "x.known_to IS NULL AND x.valid_from <= %(as_of)s AND (x.valid_to IS NULL OR x.valid_to > %(as_of)s)"


def match(declaration: ListDeclaration, scope: dict[str, Any]) -> None:
    """Fill import_stage.subject (a certain row) and .reason (a doubt); import_candidate and import_held hold whom a doubt may mean."""
    by_key = {"person": _PEOPLE, "household": _HOUSEHOLDS, "organisation": _ORGANISATIONS}[declaration.subject]
    by_name = _BY_NAME if declaration.subject == "person" else ()
    with connection.cursor() as cursor:
        for statement in (*_TABLES, *by_key, *_outside(declaration.subject), *by_name, *_DUPLICATES, *_HELD):
            cursor.execute(statement, scope)


_TABLES = (
    "CREATE TEMPORARY TABLE import_candidate (row integer, resident bigint, has_identity boolean, same_area boolean)",
    "CREATE TEMPORARY TABLE import_outside (row integer PRIMARY KEY, subject bigint)",
)


def _outside(subject: str) -> tuple[str, ...]:
    """Rows whose key is somebody's outside become rows about nobody, whatever else they say; import_outside keeps whose they are."""
    inside = is_inside(subject, "s.subject")
    return (
        f"INSERT INTO import_outside SELECT s.row, s.subject FROM import_stage s WHERE s.subject IS NOT NULL AND NOT ({inside})",  # noqa: S608
        "UPDATE import_stage s SET subject = NULL, reason = NULL FROM import_outside o WHERE o.row = s.row",
    )


_PEOPLE = (
    """
    UPDATE import_stage s
    SET subject = r.id, reason = CASE WHEN s.name <> r.name THEN 'name_differs' END
    FROM registers_resident r WHERE r.identity_blind = s.token AND r.erased_at IS NULL
    """,
    # Residents indexed under an older key or suite, during a rotation.
    """
    UPDATE import_stage s
    SET subject = r.id, reason = CASE WHEN s.name <> r.name THEN 'name_differs' END
    FROM registers_resident r WHERE s.subject IS NULL AND s.others IS NOT NULL AND r.identity_blind = ANY(s.others) AND r.erased_at IS NULL
    """,
)

_BY_NAME = (
    f"""
    INSERT INTO import_candidate
    SELECT s.row, r.id, r.identity_blind IS NOT NULL, s.area IS NOT NULL AND EXISTS (
        SELECT FROM registers_situation x
        WHERE x.resident_id = r.id AND x.kind IN ('registered', 'lives') AND {TRUE_NOW} AND (x.area_code ^@ s.area OR s.area ^@ x.area_code)
    )
    FROM import_stage s JOIN registers_resident r ON r.name = s.name AND r.birth_date = s.birth_date
    WHERE s.subject IS NULL AND r.erased_at IS NULL AND {is_inside("person", "r.id")}
        AND NOT EXISTS (SELECT FROM import_outside o WHERE o.row = s.row)
    """,  # noqa: S608 - a constant of this module
    # Certain by name, birth date and area: the only one there, and no identity number speaks against it.
    """
    UPDATE import_stage s SET subject = found.certain, reason = CASE WHEN found.certain IS NULL THEN found.doubt END
    FROM (
        SELECT
            t.row,
            CASE WHEN count(*) FILTER (WHERE k.same_area) = 1 AND NOT bool_or(k.same_area AND k.has_identity AND t.token IS NOT NULL)
                THEN max(k.resident) FILTER (WHERE k.same_area) END AS certain,
            CASE WHEN t.token IS NOT NULL THEN 'identity_differs' WHEN count(*) > 1 THEN 'several_candidates' ELSE 'area_differs' END
                AS doubt
        FROM import_candidate k JOIN import_stage t ON t.row = k.row
        GROUP BY t.row, t.token
    ) found WHERE found.row = s.row
    """,
    # A wrong row whose number and birth date can't be read may be anybody's of that name: none of them counts as left out.
    f"""
    INSERT INTO import_candidate
    SELECT s.row, r.id, r.identity_blind IS NOT NULL, FALSE
    FROM import_stage s JOIN registers_resident r ON r.name = s.name
    WHERE s.wrong AND s.subject IS NULL AND s.token IS NULL AND s.birth_date IS NULL AND r.erased_at IS NULL
        AND {is_inside("person", "r.id")}
    """,  # noqa: S608 - a constant of this module
)

_HOUSEHOLDS = (
    f"""
    UPDATE import_stage s SET subject = x.household_id
    FROM registers_resident r JOIN registers_householdmember x ON x.resident_id = r.id
    WHERE r.identity_blind IN (s.token, s.others[1]) AND r.erased_at IS NULL AND x.kind = %(household_kind)s AND {TRUE_NOW}
    """,  # noqa: S608 - a constant of this module
)

_ORGANISATIONS = ("UPDATE import_stage s SET subject = o.id FROM registers_organisation o WHERE o.credit_code = s.token",)

_DUPLICATES = (
    """
    DELETE FROM import_stage s USING (
        SELECT row, row_number() OVER (PARTITION BY subject, data, valid_from, valid_to ORDER BY row) AS place
        FROM import_stage WHERE subject IS NOT NULL AND reason IS NULL AND NOT wrong
    ) d WHERE d.row = s.row AND d.place > 1
    """,
    # Two rows that say different things of the same days: neither is believed.
    """
    UPDATE import_stage s SET reason = 'duplicate_rows'
    FROM import_stage o
    WHERE o.subject = s.subject AND o.row <> s.row AND s.reason IS NULL AND o.reason IS NULL AND NOT s.wrong AND NOT o.wrong
        AND coalesce(o.valid_from, %(as_of)s) < coalesce(s.valid_to, 'infinity')
        AND coalesce(s.valid_from, %(as_of)s) < coalesce(o.valid_to, 'infinity')
    """,
    "UPDATE import_stage SET reason = 'cell_error' WHERE wrong",
)

_HELD = (
    """
    CREATE TEMPORARY TABLE import_held AS
    SELECT subject AS id FROM import_stage WHERE reason IS NOT NULL AND subject IS NOT NULL
    UNION
    SELECT k.resident FROM import_candidate k JOIN import_stage s ON s.row = k.row WHERE s.reason IS NOT NULL
    UNION
    SELECT subject FROM import_outside
    """,
    "ANALYZE import_stage; ANALYZE import_held",
)
