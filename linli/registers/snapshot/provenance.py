"""What says something of one subject on a day, and since when: lists, where the person lives and is registered, the register itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from linli.kernel import clock
from linli.registers import prepared
from linli.registers.snapshot.columns import KNOWN_THEN, TRUE_THEN

_RECORDS = """
    SELECT 'list' AS kind, x.list_slug::text AS name, x.valid_from, x.known_from
    FROM registers_record x
    WHERE x.{owner}_id = (SELECT s.id FROM registers_{owner} s WHERE s.uid = %(subject)s::uuid) AND {then}
"""
_OF_A_PERSON = """
    UNION ALL
    SELECT 'situation', x.kind::text, x.valid_from, x.known_from
    FROM registers_situation x
    WHERE x.resident_id = (SELECT s.id FROM registers_resident s WHERE s.uid = %(subject)s::uuid) AND {then}
    UNION ALL
    SELECT 'register', '', NULL, r.known_from FROM registers_resident r WHERE r.uid = %(subject)s::uuid
"""
_OWNERS = {"person": "resident", "household": "household", "organisation": "organisation"}


@dataclass(frozen=True, slots=True)
class Since:
    """True in the world since, known to us since."""

    true: date | None
    known: datetime


@dataclass(frozen=True, slots=True)
class Provenance:
    """lists: by slug; situations: by kind (registered, lives, …); register: what the population register itself knows of a person."""

    lists: Mapping[str, Since]
    situations: Mapping[str, Since]
    register: Since | None


def provenance_of(kind: str, subject: UUID, *, as_of: date, known_at: datetime | None = None) -> Provenance:
    """What spoke of a person, household or organisation on a day, as known then (None: now). One statement.

    Where two rows of one list hold on that day, the later one counts.
    """
    scope = {"subject": subject, "as_of": as_of, "known_at": known_at or clock.now()}
    found: dict[str, dict[str, Since]] = {"list": {}, "situation": {}, "register": {}}
    for row in prepared.rows(_STATEMENTS[kind], scope):
        found[row["kind"]][row["name"]] = Since(row["valid_from"], row["known_from"])
    return Provenance(found["list"], found["situation"], found["register"].get(""))


def _statement(kind: str) -> str:
    """The statement for one kind of subject, from constants of this module."""
    parts = _RECORDS + (_OF_A_PERSON if kind == "person" else "")
    return parts.format(owner=_OWNERS[kind], then=f"{TRUE_THEN} AND {KNOWN_THEN}") + "ORDER BY valid_from NULLS FIRST, known_from"


_STATEMENTS = {kind: _statement(kind) for kind in _OWNERS}
