"""What a letter about a mandate is about: who, what matter, until when. Read from the register when the letter is opened.

The letter itself names nobody, so that once one side is erased nothing of them is left with the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from linli.notices.queries import Letter
from linli.registers.acts.guards import subject_of
from linli.registers.facts import MANDATE_ENDED, MANDATE_GRANTED
from linli.registers.models import Mandate
from linli.registers.models.accounts import AGENT_UNREAD
from linli.rules import Label
from linli.trace.models import Fact
from linli.web.matters import labelled

ABOUT = ("guardian-recorded", "mandate-given-for-ward", "mandate-given", "mandate-received", "mandate-ended")
NEAR = 40  # both sides' facts are of one act: their ids lie no further apart than this
ROW = f"{Mandate._meta.label_lower}:"


@dataclass(frozen=True, slots=True)
class Told:
    """A mandate with the names of both sides. matter: None if it is for no single one."""

    mandate: Mandate
    principal: str
    agent: str
    clerk: bool
    matter: Label | None


def mandates_told(letters: Iterable[Letter]) -> dict[int, Told]:
    """By key of the letter, the mandate that it is about, as far as the register still has it. At most five queries.

    Nothing where this process may not read the trace, as on a public site with a database role of its own: the letters stand alone there.
    """
    about = {one.notice.fact: one.notice.pk for one in letters if one.notice.template in ABOUT}
    if not about or not _reads_trace():
        return {}
    facts = list(Fact.objects.filter(id__in=about))
    rows = _rows_of(facts)
    known = Mandate.objects.select_related("principal", "agent_resident", "agent_staff").defer(*AGENT_UNREAD).in_bulk(rows)
    told = {one.pk: _told(one, matter) for one, matter in labelled(known.values())}
    return {about[fact.id]: told[found] for fact in facts if (found := _row_of(fact, rows, known)) is not None}


def _reads_trace() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, 'SELECT')", [Fact._meta.db_table])
        return bool(cursor.fetchone()[0])


def _told(one: Mandate, matter: Label | None) -> Told:
    agent = one.agent_staff or one.agent_resident
    return Told(one, one.principal.name, agent.name if agent else "", one.agent_staff is not None, matter)


def _rows_of(facts: Collection[Fact]) -> dict[int, list[Fact]]:
    """Keys of mandates with the facts that carry them: of the principal's side, also those beside a fact of the agent's. One query."""
    near = Q(id__in=[])
    for fact in facts:
        near |= Q(id=fact.id) if fact.payload["side"] == "principal" else Q(id__range=(fact.id - NEAR, fact.id + NEAR))
    carrying = Fact.objects.filter(near, type__in=(MANDATE_GRANTED.name, MANDATE_ENDED.name), payload__side="principal")
    found: dict[int, list[Fact]] = {}
    for fact in carrying:
        for key in fact.digests:
            if key.startswith(ROW):
                found.setdefault(int(key.removeprefix(ROW)), []).append(fact)
    return found


def _row_of(fact: Fact, rows: Mapping[int, list[Fact]], known: Mapping[int, Mandate]) -> int | None:
    """The mandate that a fact is about: the one that it carries, or for the agent the nearest of theirs that was given or ended so."""
    near: list[tuple[int, int]] = []
    for key, mandate in known.items():
        mine = mandate.agent_resident is not None and subject_of(mandate.agent_resident) == fact.subject
        for other in rows[key]:
            if other.id == fact.id:
                return key
            if mine and (other.type, other.actor, other.payload["matter"]) == (fact.type, fact.actor, fact.payload["matter"]):
                near.append((abs(other.id - fact.id), key))
    return min(near)[1] if near else None
