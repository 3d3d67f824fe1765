"""Cases in their notice step whose notice doesn't hang yet: no desk has them, so whoever makes the list is told how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Substr

from linli.agreements.models import Award
from linli.batches import periods
from linli.batches.models import Item, Objection
from linli.casework.desks import Reach, reach_of
from linli.casework.models import Case, StepTaken, Task
from linli.casework.steps.showing import SHOWN, hangs
from linli.kernel import clock
from linli.kernel.compiled import Fixed, compiled
from linli.kernel.viewer import Viewer

_COUNTY = 6
_ITEM = Item.objects.filter(award__case=OuterRef("case"), state="listed").order_by("-id")
_OBJECTED = Objection.objects.filter(Q(item__award__case=OuterRef("case")) | Q(about=OuterRef("case")), case__status="open")


@dataclass(frozen=True, slots=True)
class Awaiting:
    """So many cases of a programme that one list can show. batch: where they are listed already, None where nowhere; area, period: of the
    list to be made, period "" where nothing is paid; due_at: by when the first of them is promised to be decided."""

    programme: str
    area: str
    period: str
    batch: UUID | None
    number: int
    due_at: datetime


def awaiting(viewer: Viewer) -> list[Awaiting]:
    """What the viewer's lists have to show, the most urgent first. One query, and one for the department."""
    reach = reach_of(viewer)
    if reach.nothing:
        return []
    found: dict[tuple[str, str, str, UUID | None], tuple[int, datetime]] = {}
    for slug, county, cycle, batch, number, due in _counted(Fixed(reach)):
        key = (slug, _area(viewer, slug, county), periods.current(cycle, clock.today()) if cycle else "", batch)
        before, first = found.get(key, (0, due))
        found[key] = (before + number, min(first, due))
    lines = [Awaiting(*key, number, due) for key, (number, due) in found.items()]
    return sorted(lines, key=lambda one: (one.due_at, one.programme, one.area))


def stays(viewer: Viewer) -> QuerySet[StepTaken]:
    """The stays that awaiting() counts. One query for the department."""
    reach = reach_of(viewer)
    return _waiting().none() if reach.nothing else _waiting().filter(Exists(_mine(reach)))


def _mine(reach: Reach) -> QuerySet[Task]:
    return Task.objects.filter(Q(case=OuterRef("case")) & reach.query)


def of_case(viewer: Viewer, case: Case) -> Awaiting | None:
    """The list that has to show one case, for whoever may make it; None where its notice hangs, or it is in no notice step. One query."""
    if not viewer.areas("officer", case.programme):
        return None
    found = _annotated(_waiting().filter(case=case)).values_list("cycle", "batch").first()
    if found is None:
        return None
    cycle, batch = found
    area = _area(viewer, case.programme, case.area_code[:_COUNTY])
    return Awaiting(case.programme, area, periods.current(cycle, clock.today()) if cycle else "", batch, 1, case.due_at)


def _area(viewer: Viewer, programme: str, county: str) -> str:
    """The area of the list that the viewer would make for people of a county."""
    held = viewer.areas("officer", programme)
    return next((one for one in held if county.startswith(one) or one.startswith(county)), "")


def _waiting() -> QuerySet[StepTaken]:
    """Those whom an objection holds up have had their notice: they wait for its answer, which is a task of its own."""
    rows = StepTaken.objects.filter(kind=SHOWN, done_at__isnull=True, case__status="open")
    return rows.filter(~hangs(), ~Exists(_OBJECTED))


def _annotated(rows: QuerySet[StepTaken]) -> QuerySet[Any, Any]:
    award = Award.objects.filter(case=OuterRef("case"), state="proposed").values("cycle")
    return rows.annotate(cycle=Subquery(award[:1]), batch=Subquery(_ITEM.values("batch__uid")[:1]))


@compiled
def _counted(reach: Fixed[Reach]) -> QuerySet[Any, tuple[str, str, str | None, UUID | None, int, datetime]]:
    rows = _annotated(_waiting().filter(Exists(_mine(reach.value)))).annotate(county=Substr("case__area_code", 1, _COUNTY)).order_by()
    grouped = rows.values("case__programme", "county", "cycle", "batch").annotate(number=Count("id"), due=Min("case__due_at"))
    found: QuerySet[Any, Any] = grouped.values_list("case__programme", "county", "cycle", "batch", "number", "due")
    return found
