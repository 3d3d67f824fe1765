"""What the registers say of many subjects on a day, as one SELECT: the columns, their types, and the SQL that fills them.

The same text serves the Parquet snapshot (subjects from a temporary table, chunk by chunk) and one live person (subjects
from arrays), so the two cannot disagree. Everything is looked up per subject (LATERAL), by index: a chunk costs the same however
many people there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from linli.registers.lists import Column, ListDeclaration
from linli.registers.snapshot.coverage import FRESH_THEN

SITUATIONS = {"registered": "registered", "lives": "living", "insured": "insured", "studies": "study"}
SUBJECTS = ("person", "household", "organisation")
_SQL_TYPE = {"text": "text", "credit_code": "text", "integer": "bigint", "money": "bigint", "date": "date", "boolean": "boolean"}
_POLARS: dict[str, Any] = {"text": pl.String, "bigint": pl.Int64, "date": pl.Date, "boolean": pl.Boolean}


@dataclass(frozen=True, slots=True)
class Filled:
    """One output column: name, SQL type ("text", "bigint", "date", "boolean", "numeric(p,s)") and the SQL that gives it."""

    name: str
    sql_type: str
    sql: str

    @property
    def dtype(self) -> Any:
        """The Polars type."""
        if self.sql_type.startswith("numeric"):
            digits, scale = self.sql_type[8:-1].split(",")
            return pl.Decimal(int(digits), int(scale))
        return _POLARS[self.sql_type]


@dataclass(frozen=True, slots=True)
class Selection:
    """A SELECT over `{chosen}`, to be filled with a subquery that gives each subject's n and id (and the carried columns).

    lists: slugs whose coverage the SQL asks for, by the number in f.covered_<number>. order: what the rows are sorted by.
    """

    columns: tuple[Filled, ...]
    source: str
    lists: tuple[str, ...] = ()
    order: str = "c.n"

    def sql(self, chosen: str, *, as_text: bool, beside: str = "") -> str:
        """The statement, ordered by n, with the parameters as_of and known_at apart from those of `chosen`.

        as_text: booleans as true/false, as CSV readers want them. beside: more columns at the end.
        """
        listed = ", ".join(
            f'({column.sql}){"::text" if as_text and column.sql_type == "boolean" else ""} AS "{column.name}"' for column in self.columns
        )
        more = f", {beside}" if beside else ""
        fresh, join = (f"fresh AS MATERIALIZED ({self._fresh()}), ", "CROSS JOIN fresh f") if self.lists else ("", "")
        return f"WITH {fresh}chosen AS MATERIALIZED ({chosen}) SELECT {listed}{more} {self.source} {join} ORDER BY {self.order}"

    def _fresh(self) -> str:
        """One row: the areas that each list covers on the day."""
        areas = "coalesce(array_agg(DISTINCT i.area_code::text) FILTER (WHERE i.list_slug = '{}'), ARRAY[]::text[]) AS covered_{}"
        covered = ", ".join(areas.format(slug, index) for index, slug in enumerate(self.lists))
        return f"SELECT {covered} FROM registers_listimport i WHERE {FRESH_THEN}"  # noqa: S608 - list slugs are schema-checked

    @property
    def schema(self) -> dict[str, Any]:
        """Polars types by column name, in order."""
        return {column.name: column.dtype for column in self.columns}


def people(lists: Iterable[ListDeclaration], programmes: Sequence[str]) -> Selection:
    """One row per person: ids, household and role of both kinds, the built-in facts, every list's facts, holds.<slug>.

    chosen must carry household_id, role, book_id, book_role.
    """
    own = [declaration for declaration in lists if declaration.subject == "person"]
    facts = _facts(own, {kind: f"s.{kind}" for kind in SITUATIONS})
    columns = (*_PERSON, *_situation_columns(), *facts, *_holds(programmes))
    source = f"""
        FROM chosen c
        JOIN LATERAL ({_BELIEVED_SQL}) r ON TRUE
        LEFT JOIN LATERAL ({_SITUATIONS_SQL}) s ON TRUE
        {_said(own, "resident")}
    """
    return Selection(columns, source, tuple(declaration.slug for declaration in own))


def households(lists: Iterable[ListDeclaration], programmes: Sequence[str]) -> Selection:
    """One row per household: ids, its area, whether its members are known, household lists' facts, holds.<slug>."""
    own = [declaration for declaration in lists if declaration.subject == "household"]
    facts = _facts(own, dict.fromkeys(SITUATIONS, "b.area_code"))
    ids = (
        Filled("household_id", "text", "b.uid::text"),
        Filled("household_kind", "text", "b.kind"),
        Filled("area_code", "text", "b.area_code"),
        Filled("members_known", "boolean", "b.members_lost IS NULL"),
    )
    source = f"FROM chosen c JOIN registers_household b ON b.id = c.id {_said(own, 'household')}"
    return Selection((*ids, *facts, *_holds(programmes)), source, tuple(declaration.slug for declaration in own))


def organisations(lists: Iterable[ListDeclaration], programmes: Sequence[str]) -> Selection:
    """One row per organisation: person_id (its uid), area, organisation lists' facts, holds.<slug>."""
    own = [declaration for declaration in lists if declaration.subject == "organisation"]
    facts = _facts(own, dict.fromkeys(SITUATIONS, "b.area_code"))
    ids = (Filled("person_id", "text", "b.uid::text"), *_area_columns("registered", "b.area_code"))
    source = f"FROM chosen c JOIN registers_organisation b ON b.id = c.id {_said(own, 'organisation')}"
    return Selection((*ids, *facts, *_holds(programmes)), source, tuple(declaration.slug for declaration in own))


_PERSON = (
    Filled("person_id", "text", "r.uid::text"),
    Filled("household_id", "text", "c.household_id"),
    Filled("role", "text", "c.role"),
    Filled("household_id.hukou_book", "text", "c.book_id"),
    Filled("role.hukou_book", "text", "c.book_role"),
    Filled("relations_known", "boolean", "r.relations_known"),
    # An estimated birth date decides nothing: only a documented one is a fact.
    Filled("birth_date", "date", "CASE WHEN r.birth_known THEN r.birth_date END"),
    Filled("sex", "text", "r.sex"),
    Filled("hukou_type", "text", "r.hukou_type"),
    Filled("is_deceased", "boolean", "r.deceased_on IS NOT NULL AND r.deceased_on <= %(as_of)s"),
)
KNOWN_THEN = "x.known_from <= %(known_at)s AND (x.known_to IS NULL OR x.known_to > %(known_at)s)"
TRUE_THEN = "x.valid_from <= %(as_of)s AND (x.valid_to IS NULL OR x.valid_to > %(as_of)s)"
# What registers_residents_known_at gives of one person, with the person's id in both branches so that each is looked up by index.
_BELIEVED_SQL = """
    SELECT r.uid, r.sex, r.birth_date, r.birth_known, r.hukou_type, r.deceased_on, r.relations_known
    FROM registers_resident r WHERE r.id = c.id AND r.known_from <= %(known_at)s
    UNION ALL
    SELECT r.uid, p.sex, p.birth_date, p.birth_known, p.hukou_type, p.deceased_on, p.relations_known
    FROM registers_residentpast p JOIN registers_resident r ON r.id = p.resident_id
    WHERE p.resident_id = c.id AND p.known_from <= %(known_at)s AND %(known_at)s < p.known_to
"""
_SITUATIONS_SQL = f"""
    SELECT {", ".join(f"max(x.area_code) FILTER (WHERE x.kind = '{kind}') AS {kind}" for kind in SITUATIONS)}
    FROM registers_situation x
    WHERE x.resident_id = c.id AND {TRUE_THEN} AND {KNOWN_THEN}
"""  # noqa: S608 - constants of this module


def _situation_columns() -> list[Filled]:
    return [column for kind, prefix in SITUATIONS.items() for column in _area_columns(prefix, f"s.{kind}")]


def _area_columns(prefix: str, area: str) -> list[Filled]:
    parts = (("county", 6), ("prefecture", 4))
    return [Filled(f"{prefix}_area", "text", area)] + [
        Filled(f"{prefix}_{name}", "text", f"CASE WHEN length({area}) >= {length} THEN left({area}, {length}) END")
        for name, length in parts
    ]


def _holds(programmes: Sequence[str]) -> list[Filled]:
    """Holdings are the city's own register: a programme that isn't there isn't held."""
    return [Filled(f"holds.{slug}", "boolean", f"coalesce('{slug}' = ANY(g.programmes), FALSE)") for slug in programmes]


def _facts(lists: list[ListDeclaration], places: dict[str, str]) -> list[Filled]:
    found: list[Filled] = []
    for index, declaration in enumerate(lists):
        surely_absent = f"{places[declaration.place]} ^@ ANY(f.covered_{index})" if declaration.absence == "no" else "FALSE"
        found += _facts_of(declaration, index, surely_absent)
    return found


def _facts_of(declaration: ListDeclaration, index: int, surely_absent: str) -> Iterable[Filled]:
    """The list's columns. Not authorised: unknown. On it: true. A doubtful row is or may be theirs: unknown. Covered: false."""
    slug = declaration.slug
    allowed = f"'{slug}' = ANY(z.authorised)" if declaration.authorisation else "TRUE"
    state = f"CASE WHEN NOT coalesce({allowed}, FALSE) THEN NULL WHEN l.p{index} IS NOT NULL THEN l.p{index} "
    state += f"WHEN '{slug}' = ANY(d.doubted) THEN NULL WHEN {surely_absent} THEN FALSE END"
    if declaration.presence:
        yield Filled(declaration.presence.fact, "boolean", state)
    for number, column in enumerate(declaration.fact_columns):
        sql_type = _sql_type(column)
        absent = f"WHEN FALSE THEN {_literal(column)}::{sql_type}" if column.absent is not None else ""
        yield Filled(column.fact or "", sql_type, f"CASE ({state}) WHEN TRUE THEN l.v{index}_{number} {absent} END")


def _sql_type(column: Column) -> str:
    return f"numeric({column.digits},{column.scale})" if column.type == "decimal" else _SQL_TYPE[column.type]


def _literal(column: Column) -> str:
    value = column.absent
    if isinstance(value, bool):
        return str(value).upper()
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def _said(lists: list[ListDeclaration], subject: str) -> str:
    """Joins l (records), g (holdings), d (doubtful rows) and, for people, z (authorisations)."""
    values = ["bool_or(x.present) FILTER (WHERE FALSE) AS nothing"]
    for index, declaration in enumerate(lists):
        on_it = f"FILTER (WHERE x.list_slug = '{declaration.slug}')"
        values.append(f"bool_or(x.present) {on_it} AS p{index}")
        for number, column in enumerate(declaration.fact_columns):
            sql_type = _sql_type(column)
            largest = "bool_or" if sql_type == "boolean" else "max"
            values.append(f"{largest}((x.data->>'{column.fact}')::{sql_type}) {on_it} AS v{index}_{number}")
    joins = f"""
        LEFT JOIN LATERAL (
            SELECT {", ".join(values)}
            FROM registers_record x
            WHERE x.{subject}_id = c.id AND {TRUE_THEN} AND {KNOWN_THEN} AND (x.expires_on IS NULL OR x.expires_on > %(as_of)s)
        ) l ON TRUE
        LEFT JOIN LATERAL (
            SELECT array_agg(x.programme_slug::text) AS programmes
            FROM registers_holding x
            WHERE x.{subject}_id = c.id AND {TRUE_THEN} AND {KNOWN_THEN}
        ) g ON TRUE
    """  # noqa: S608 - names are schema-checked slugs
    return joins + (_PEOPLE_ONLY if subject == "resident" else _DOUBTED_OTHER.format(subject=subject))


_PEOPLE_ONLY = f"""
    LEFT JOIN LATERAL (
        SELECT array_agg(x.list_slug::text) AS authorised
        FROM registers_authorisation x
        WHERE x.resident_id = c.id AND {TRUE_THEN} AND {KNOWN_THEN}
    ) z ON TRUE
    LEFT JOIN LATERAL (
        SELECT array_agg(x.list_slug::text) AS doubted
        FROM registers_doubtfulcandidate k
        JOIN registers_doubtful x ON x.id = k.doubtful_id
        JOIN registers_listimport i ON i.id = x.list_import_id
        WHERE k.resident_id = c.id AND i.as_of <= %(as_of)s
            AND x.known_from <= %(known_at)s AND (x.resolved_at IS NULL OR x.resolved_at > %(known_at)s)
    ) d ON TRUE
"""  # noqa: S608 - constants of this module
_DOUBTED_OTHER = """
    LEFT JOIN LATERAL (
        SELECT array_agg(x.list_slug::text) AS doubted
        FROM registers_doubtful x JOIN registers_listimport i ON i.id = x.list_import_id
        WHERE x.{subject}_id = c.id AND i.as_of <= %(as_of)s
            AND x.known_from <= %(known_at)s AND (x.resolved_at IS NULL OR x.resolved_at > %(known_at)s)
    ) d ON TRUE
"""
