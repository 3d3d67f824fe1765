"""A step that was passed on by mistake is taken back by whoever passed it, while the next office has not touched it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from linli.casework import said
from linli.casework.desks import no_case, require_impartial
from linli.casework.kinds import APPLICATION
from linli.casework.models import Case, StepTaken
from linli.casework.steps import moving
from linli.casework.steps.acts import programme_of
from linli.kernel import clock
from linli.kernel.compiled import Fixed, compiled
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.programmes.procedure.declaration import DECIDES
from linli.trace import AlreadyDone, act

WINDOW = timedelta(minutes=30)
"""How long a step that was passed on can be taken back: the city's choice, so that a slip costs nobody a returned case."""
MOST = 100


@dataclass(frozen=True, slots=True)
class Returnable:
    """A case whose last step the viewer passed on and may still take back. until: when that ends."""

    case: Case
    step: str
    until: datetime


def returnable(viewer: Viewer) -> list[Returnable]:
    """What the viewer passed on a moment ago and the next office has not touched, newest first. Two queries."""
    last = {stay.case_id: stay for stay in _recent(Fixed(viewer.actor), clock.now() - WINDOW)}
    if not last:
        return []
    following = {stay.case_id: stay for stay in StepTaken.objects.filter(case__in=list(last), done_at__isnull=True)}
    found = [(stay, following.get(key)) for key, stay in last.items()]
    return [
        Returnable(stay.case, stay.step, stay.done_at + WINDOW)
        for stay, after in reversed(found)
        if after is not None and stay.done_at is not None and _why_not(viewer, stay.case, stay, after) is None
    ]


@compiled
def _recent(actor: Fixed[str], since: datetime) -> QuerySet[StepTaken]:
    rows = StepTaken.objects.filter(done_at__gte=since, result="passed", signatures__contains=[{"actor": actor.value}])
    return rows.select_related("case", "case__task").order_by("done_at")[:MOST]


def take_back(viewer: Viewer, case: UUID, *, key: str | None = None) -> Case:
    """Undo the viewer's own passing on: the case is in the step before again, on their desk and taken by them. Locks the case.

    Both moves stay on record. Allowed to whoever passed it, within WINDOW, whichever office has it now, while nobody there took it or
    signed. Raises LinliError otherwise, and where what followed reached others: a notice, other bodies' signatures, a decision.
    """
    try:
        with act(viewer, key=said.scoped(viewer, "take_back", key)) as a:
            row = _locked(viewer, case)
            require_impartial(viewer, row)
            stays = list(StepTaken.objects.select_for_update().filter(case=row).order_by("-position")[:2])
            if len(stays) < 2:
                raise _not_now("passed")
            now, before = stays
            problem = _why_not(viewer, row, before, now)
            if problem is not None:
                raise _not_now(problem)
            programme = programme_of(row)
            step = next(one for one in moving.procedure_of(programme).steps if one.id == before.step)
            now.signatures = [moving.signature(viewer, row, "taken_back", "")]
            moving.leave(a, row, now, "returned")
            moving.enter(a, viewer, row, programme, step)
            row.task.taken_by, row.task.taken_at = viewer.actor, clock.now()
            row.task.save(update_fields=["taken_by", "taken_at"])
            a.result = {"case": str(row.uid)}
    except AlreadyDone as done:
        return Case.objects.select_related("task").get(uid=done.result["case"])
    return row


def _locked(viewer: Viewer, uid: UUID) -> Case:
    rows = Case.objects.select_for_update(of=("self",)).select_related("task")
    row = rows.filter(uid=uid, kind=APPLICATION.slug).first()
    if row is None or not viewer.may(row.task.role, area=row.area_code, programme=row.programme):
        raise no_case(uid)
    if row.status != "open":
        raise _not_now("reached")
    return row


def _why_not(viewer: Viewer, case: Case, passed: StepTaken, now: StepTaken) -> str | None:
    """A code of _REASONS, None where the passing on can be undone."""
    if passed.result != "passed" or not passed.signatures or passed.signatures[-1]["actor"] != viewer.actor:
        return "passed"
    if passed.kind in DECIDES or passed.kind in moving.PARKED or now.kind in moving.PARKED:
        return "reached"
    if passed.done_at is None or passed.done_at < clock.now() - WINDOW:
        return "late"
    return "touched" if now.done_at is not None or now.signatures or case.task.taken_by else None


_REASONS = {
    "passed": ("上一步不是您转出的，不能收回", "You did not pass its last step: you can't take it back."),
    "reached": ("已经公示、会签或作出决定，不能收回", "It has reached the public, other bodies or a decision: it can't be taken back."),
    "late": ("已经过了可以收回的时间", "The time to take it back is over."),
    "touched": ("下一步的人员已经接手，不能收回", "The next office has it in hand: it can't be taken back."),
}


def _not_now(code: str) -> LinliError:
    zh, en = _REASONS[code]
    return LinliError(
        f"casework.not_taken_back_{code}",
        zh=zh,
        en=en,
        expected="a step that you passed on in the last 30 minutes and nobody has touched since",
        expected_zh="您在 30 分钟内转出、还没有人接手的事项",
        remedy_zh="请现在的经办人员退回",
        remedy_en="ask whoever has it now to send it back",
    )
