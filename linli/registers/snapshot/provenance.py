"""What says something of subjects on a day, and since when: lists, where people live and are registered, the register itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from linli.kernel import clock
from linli.registers import prepared
from linli.registers.snapshot.columns import KNOWN_THEN, TRUE_THEN

_THEN = f"{TRUE_THEN} AND {KNOWN_THEN}"
_PEOPLE = f"""
    WITH people AS MATERIALIZED (
        SELECT s.id, s.uid, s.known_from FROM registers_resident s WHERE s.uid = ANY((SELECT %(people)s::uuid[])::uuid[])
    )
    SELECT p.uid AS who, 'list' AS kind, x.list_slug::text AS name, x.valid_from, x.known_from
    FROM people p JOIN registers_record x ON x.resident_id = p.id WHERE {_THEN}
    UNION ALL
    SELECT p.uid, 'situation', x.kind::text, x.valid_from, x.known_from
    FROM people p JOIN registers_situation x ON x.resident_id = p.id WHERE {_THEN}
    UNION ALL
    SELECT p.uid, 'authorised', x.list_slug::text, x.valid_from, x.known_from
    FROM people p JOIN registers_authorisation x ON x.resident_id = p.id WHERE {_THEN}
    UNION ALL
    SELECT p.uid, 'register', '', NULL, p.known_from FROM people p
"""  # noqa: S608 - constants of this module
_OTHER = """
    UNION ALL
    SELECT s.uid, 'list', x.list_slug::text, x.valid_from, x.known_from
    FROM registers_{owner} s JOIN registers_record x ON x.{owner}_id = s.id WHERE s.uid = %(subject)s::uuid AND {then}
"""
_ORDER = "ORDER BY valid_from NULLS FIRST, known_from"
_STATEMENTS = {
    "person": _PEOPLE + _ORDER,
    **{owner: _PEOPLE + _OTHER.format(owner=owner, then=_THEN) + _ORDER for owner in ("household", "organisation")},
}


@dataclass(frozen=True, slots=True)
class Since:
    """True in the world since, known to us since."""

    true: date | None
    known: datetime


@dataclass(frozen=True, slots=True)
class Provenance:
    """lists: by slug; situations: by kind (registered, lives, …); register: what the population register itself knows of a person.

    authorised: the lists on which the person lets themselves be looked up.
    """

    lists: Mapping[str, Since]
    situations: Mapping[str, Since]
    register: Since | None
    authorised: frozenset[str]


def provenance_of(
    kind: str, subject: UUID, beside: Collection[UUID] = (), *, as_of: date, known_at: datetime | None = None
) -> dict[UUID, Provenance]:
    """What spoke of a person, household or organisation, and of the people beside it, on a day, as known then (None: now).

    One statement, however many people. Where two rows of one list hold on that day, the later one counts.
    """
    people = {*beside, subject} if kind == "person" else {*beside}
    scope = {"subject": subject, "people": list(people), "as_of": as_of, "known_at": known_at or clock.now()}
    found: dict[UUID, dict[str, dict[str, Since]]] = {
        who: {"list": {}, "situation": {}, "authorised": {}, "register": {}} for who in (*people, subject)
    }
    for row in prepared.rows(_STATEMENTS[kind], scope):
        found[row["who"]][row["kind"]][row["name"]] = Since(row["valid_from"], row["known_from"])
    return {
        who: Provenance(said["list"], said["situation"], said["register"].get(""), frozenset(said["authorised"]))
        for who, said in found.items()
    }
