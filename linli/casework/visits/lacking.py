"""People near by who lack exactly one thing that can be asked at their door, and what it would decide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from linli.casework.visits.reach import living, round_of
from linli.casework.visits.rules import visit_rules
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.registers.bitemporal import believed, true_on
from linli.registers.lists import sources
from linli.registers.models import HouseholdMember, Resident
from linli.screening.models import Determination

PAGE = 50


@dataclass(frozen=True, slots=True)
class Lack:
    """What one person, or the household they head, lacks for a programme. missing: facts of one and the same list."""

    key: int
    person: UUID
    name: str
    programme: str
    missing: tuple[str, ...]


def lacking(viewer: Viewer, *, after: int = 0) -> list[Lack]:
    """Undecided people and households who lack facts of one list that a visit can bring, by key: where the viewer's regular calls of
    today are too. Three queries, one more for areas wider than a village.
    """
    today = clock.today()
    areas = round_of(viewer, today, visit_rules().daily).areas
    if not areas:
        return []
    people = Resident.objects.filter(living(areas, today), erased_at__isnull=True, deceased_on__isnull=True)
    heads = HouseholdMember.objects.filter(believed(), true_on(today), living(areas, today, "resident"), role="head")
    near = people.values_list("uid").union(heads.values_list("household__uid"))  # as an OR it would read every undecided row of the city
    rows = list(_undecided().filter(_one_list(), subject__in=near, id__gt=after).order_by("id")[:PAGE])
    return _with_people(rows, heads)


def lacking_of(person: UUID) -> list[Lack]:
    """The same for one person whose door the viewer was shown. Three queries."""
    today = clock.today()
    heads = HouseholdMember.objects.filter(believed(), true_on(today), resident__uid=person, role="head")
    mine = Q(subject=person) | Q(subject__in=heads.values("household__uid"))
    return _with_people(list(_undecided().filter(mine, _one_list()).order_by("id")), heads)


def _undecided() -> QuerySet[Determination]:
    return Determination.objects.filter(until__isnull=True, verdict="unknown", missing__len__gt=0)


def _one_list() -> Q:
    """What is missing are facts of one list, and of one that a visit can bring."""
    brings = visit_rules().brings
    facts: dict[str, list[str]] = {}
    for fact, source in sources(Path(settings.LINLI_CITY)).items():
        if source.list in brings:
            facts.setdefault(str(source.list), []).append(fact)
    found = Q(pk__in=())
    for names in facts.values():
        found |= Q(missing__contained_by=names)
    return found


def _with_people(rows: Iterable[Determination], heads: QuerySet[HouseholdMember]) -> list[Lack]:
    rows = list(rows)
    names = dict(Resident.objects.filter(uid__in={row.subject for row in rows}).values_list("uid", "name"))
    wanted = {row.subject for row in rows} - names.keys()
    led = heads.filter(household__uid__in=wanted).values_list("household__uid", "resident__uid", "resident__name")
    leaders = {household: (uid, name) for household, uid, name in led}
    found = []
    for row in rows:
        uid, name = (row.subject, names[row.subject]) if row.subject in names else leaders.get(row.subject, (None, ""))
        if uid is not None:
            found.append(Lack(row.pk, uid, name, row.programme, tuple(row.missing)))
    return found
