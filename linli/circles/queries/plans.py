"""Plans: what is done about each gap, what is overdue, and what was issued."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q, QuerySet

from linli.casework.desks import department_name
from linli.casework.letters.queries import CODE, Verified
from linli.circles.declared import Rung, standard
from linli.circles.models import Action, Circle, IssuedPlan, Plan
from linli.circles.queries.circles import READERS, circles, may_read
from linli.circles.queries.coverage import GapLine, gap_line
from linli.circles.reckoning.people import COUNTY
from linli.kernel import clock
from linli.kernel.areas import contains
from linli.kernel.codes import is_code, tidy
from linli.kernel.digests import digest
from linli.kernel.viewer import Viewer
from linli.papers.letters import kind_of
from linli.programmes.catalogue import load_city
from linli.rules.declare import Label

RECENT = timedelta(days=14)
WHYS = ("overdue", "reopened", "closed")


@dataclass(frozen=True, slots=True)
class Step:
    """An action with its gap as it is now. days: how many it is overdue, 0 where it isn't; rung: where it was taken to last."""

    action: Action
    line: GapLine | None
    days: int
    rung: Rung | None


def plan(viewer: Viewer, circle: Circle) -> Plan | None:
    """The circle's plan, None before the first draft or for whoever may not see it. One query."""
    if not may_read(viewer, circle.area_code):
        return None
    return Plan.objects.select_related("circle").filter(circle=circle).first()


def steps(plan: Plan, *, on: date | None = None) -> list[Step]:
    """What a plan does, open actions first, then by due day. One query."""
    rows = Action.objects.filter(plan=plan).select_related("gap__run", "gap__circle", "plan__circle")
    order = {state: place for place, state in enumerate(("open", "proposed", "closed", "dropped"))}
    found = [_step(row, on or clock.today()) for row in rows]
    return sorted(found, key=lambda one: (order[one.action.state], one.action.due_on or date.max, one.action.pk))


def overdue(viewer: Viewer, *, on: date | None = None) -> list[Step]:
    """Open actions of the viewer's circles whose day has gone by, the longest first. Two queries."""
    day = on or clock.today()
    rows = Action.objects.filter(plan__circle__in=circles(viewer, on=day), state="open", due_on__lt=day)
    return [_step(row, day) for row in rows.select_related("gap__run", "gap__circle", "plan__circle").order_by("due_on", "pk")]


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody has to know of an adopted action. why: overdue, reopened (its gap is open again) or closed (its gap was computed to be
    met); since: the day it was due, or since which it is so; to_read: whether they may open it."""

    step: Step
    why: str
    since: date
    to_read: bool


def words_for(viewer: Viewer, *, on: date | None = None) -> list[Word]:
    """What plans have to tell the viewer, the longest overdue first: its owner, by the name of their department, and the circle's planners
    hear of every overdue action, and for RECENT days of one that closed or opened again; officers in charge of the county and the city
    once an overdue one has come to them (plans.yaml). One query, and one for the department, on a page once.
    """
    if viewer.roles.isdisjoint(READERS) and not viewer.all_seeing:
        return []
    day = on or clock.today()
    recent = clock.midnight(day - RECENT)
    again = Q(state="open", reopened__gte=1, gap__since__gte=recent)
    rows = Action.objects.filter(Q(state="open", rung__gte=1) | again | Q(state="closed", closed_at__gte=recent))
    rows = rows.select_related("gap__run", "gap__circle", "plan__circle").order_by("due_on", "pk")
    name = department_name(viewer)
    found = [_word(viewer, row, day) for row in rows if _concerns(viewer, name, row)]
    return sorted(found, key=lambda one: (WHYS.index(one.why), one.since))


def _word(viewer: Viewer, row: Action, day: date) -> Word:
    to_read = may_read(viewer, row.plan.circle.area_code)
    if row.state == "closed" and row.closed_at is not None:
        return Word(_step(row, day), "closed", clock.day_of(row.closed_at), to_read)
    if row.rung and row.due_on is not None:
        return Word(_step(row, day), "overdue", row.due_on, to_read)
    return Word(_step(row, day), "reopened", clock.day_of(row.gap.since), to_read)


def _concerns(viewer: Viewer, name: str | None, row: Action) -> bool:
    """name: of the department that the viewer works in."""
    area = row.plan.circle.area_code
    if name is not None and (name == row.owner or (name.endswith(row.owner) and may_read(viewer, area))):
        return True
    if viewer.may("planner", area=area):
        return True
    if row.state == "closed" or not row.rung or not _in_charge(name):
        return False
    reached = {rung.to for rung in standard().planning.rungs[: row.rung]}
    levels = {"county" if len(held) >= COUNTY else "city" for held in viewer.areas("officer") if contains(held, area)}
    return not reached.isdisjoint(levels)


def _in_charge(name: str | None) -> bool:
    """Whether who works in that department, or in none, is among those to whom the body that issues plans takes things."""
    city = load_city(Path(settings.LINLI_CITY))
    return name is None or name.endswith(standard().planning.organ.zh.removeprefix(city.label.zh))


def issued(viewer: Viewer, circle: Circle | None = None) -> QuerySet[IssuedPlan]:
    """Issued plans of a circle, without one every plan and booklet of the viewer's areas, newest first. Without their PDF."""
    rows = IssuedPlan.objects.defer("pdf").select_related("circle", "run").order_by("-id")
    if circle is not None:
        return rows.filter(circle=circle) if may_read(viewer, circle.area_code) else rows.none()
    return rows if may_read(viewer, "") else rows.filter(circle__in=circles(viewer))


def said(issued: IssuedPlan) -> str:
    """Its number as people write it."""
    return f"{issued.mark}〔{issued.year}〕{issued.sequence}号"


def verified(code: str) -> Verified | None:
    """The issued plan of a code as typed or scanned, None where there is none. For everybody. One query."""
    row = _of_code(code)
    if row is None:
        return None
    kind, planning = kind_of("circle_plan", Path(settings.LINLI_CITY)), standard().planning
    return Verified(Label(kind.zh, kind.en), planning.organ.zh, said(row), row.issued_at, "issued", "", row.digest)


def is_as_issued(code: str, content: bytes) -> bool:
    """Whether a PDF is, byte for byte, the plan that was issued under this code. One query."""
    row = _of_code(code)
    return row is not None and digest(content) == row.digest


def _of_code(code: str) -> IssuedPlan | None:
    plain = tidy(code)
    return IssuedPlan.objects.defer("pdf").filter(code=plain).first() if is_code(plain, CODE) else None


def _step(action: Action, day: date) -> Step:
    late = (day - action.due_on).days if action.due_on and action.state == "open" else 0
    rungs = standard().planning.rungs
    return Step(action, gap_line(action.gap), max(0, late), rungs[action.rung - 1] if action.rung else None)
