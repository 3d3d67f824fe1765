"""Plans: what is done about each gap, what is overdue, and what was issued."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from linli.circles.declared import Rung, standard
from linli.circles.models import Action, Circle, IssuedPlan, Plan
from linli.circles.queries.circles import circles, may_read
from linli.circles.queries.coverage import GapLine, gap_line
from linli.kernel import clock
from linli.kernel.viewer import Viewer


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


def issued(viewer: Viewer, circle: Circle | None = None) -> QuerySet[IssuedPlan]:
    """Issued plans of a circle, without one every plan and booklet of the viewer's areas, newest first. Without their PDF."""
    rows = IssuedPlan.objects.defer("pdf").select_related("circle", "run").order_by("-id")
    if circle is not None:
        return rows.filter(circle=circle) if may_read(viewer, circle.area_code) else rows.none()
    return rows if may_read(viewer, "") else rows.filter(circle__in=circles(viewer))


def _step(action: Action, day: date) -> Step:
    late = (day - action.due_on).days if action.due_on and action.state == "open" else 0
    rungs = standard().planning.rungs
    return Step(action, gap_line(action.gap), max(0, late), rungs[action.rung - 1] if action.rung else None)
