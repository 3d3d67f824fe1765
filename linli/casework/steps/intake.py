"""An application comes in, at any window or from anywhere: receipt, what it needs, acceptance or the one request for what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from linli.casework import facts, timers
from linli.casework.deadlines import calendar
from linli.casework.endings import told
from linli.casework.kinds import ACCEPTANCE, APPLICATION, promise
from linli.casework.models import Case, Requirement
from linli.casework.opening import DUE, Asked, inserted, opened
from linli.casework.steps import clocks, moving
from linli.casework.steps.acts import not_this_step, programme_of
from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer
from linli.kernel.workdays import ONE_DAY, end_of
from linli.programmes.declaration import Programme
from linli.registers.models import Resident
from linli.trace import Act, act

LAPSE = "casework.lapse"
USUAL_SUPPLEMENT_DAYS = 10
"""Working days to give what is missing where the programme states none: the city's promise to the person, not a limit by law."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Where and how an application came in. area: of the window, "" from home; needs: state of each material, see Requirement."""

    origin: str
    area: str
    needs: Mapping[str, str]


def receive(a: Act, viewer: Viewer, resident: Resident, area: str, programme: Programme, intake: Intake) -> Case:
    """A new application in its home county's queue, whichever window took it in, with what it needs. For an act that locked the person.

    The office of the first step accepts it, within the programme's days or those that the city promises.
    """
    procedure = moving.procedure_of(programme)
    first = procedure.steps[0]
    desk = moving.desk_for(area, procedure.level_of(first))
    asked = Asked(
        APPLICATION,
        first.role,
        fact=programme.slug,
        department=moving.competent(programme, first),
        desk=desk,
        due=calendar().after(clock.today(), procedure.accept_days or promise(ACCEPTANCE).answer),
        columns={
            "programme": programme.slug,
            "programme_version": programme.version,
            "origin": intake.origin,
            "received_at": intake.area,
        },
    )
    case, rows = inserted(viewer, resident, area, asked)
    for material, state in intake.needs.items():
        rows.append(Requirement.objects.create(case=case, material=material, state=state))
    opened(a, case, rows)
    return case


def accept(a: Act, viewer: Viewer, case: Case, programme: Programme) -> None:
    """Accepted: the statutory clock starts and the case comes to its first step. Refused while something is missing. Case is locked."""
    if case.accepted_at is not None:
        raise LinliError(
            "casework.accepted_already",
            zh="已经受理",
            en="It has been accepted already.",
            found=str(clock.day_of(case.accepted_at)),
            remedy_zh="办理当前步骤",
            remedy_en="do its step",
        )
    missing = list(Requirement.objects.filter(case=case, state__in=("wanted", "refused")).values_list("material", flat=True))
    if missing:
        raise LinliError(
            "casework.items_missing",
            zh="材料不齐，不能受理",
            en="Something is missing: it can't be accepted.",
            expected="every material given, exempt or promised",
            expected_zh="每份材料已交、免交或承诺",
            found=", ".join(missing),
            remedy_zh="一次性告知申请人补正，或等材料交来",
            remedy_en="ask the applicant for what is missing, or wait for it",
        )
    clocks.start(a, case, programme)
    moving.enter(a, viewer, case, programme, moving.procedure_of(programme).steps[0])


def ask_items(a: Act, viewer: Viewer, case: Case, programme: Programme, materials: Sequence[str]) -> date:
    """The one request for everything that is missing: the clock stands still, and unanswered it lapses after the day that is returned.

    Case is locked. Refused a second time, after the decision, which no silence may undo, while the public is shown or other offices sign,
    and where nothing is asked for.
    """
    if not materials:
        raise _nothing_asked()
    if moving.after_decision(moving.procedure_of(programme), case.step):
        raise _decided_already()
    if moving.kind_of(case) in moving.PARKED:
        raise not_this_step(moving.current(case), "a step that a desk does")
    if case.pauses.filter(reason="supplement").exists():
        raise LinliError(
            "casework.asked_once",
            zh="补正要求只能提出一次，已经告知过",
            en="What is missing may be asked for once, and has been.",
            expected="no request so far",
            expected_zh="尚未告知",
            remedy_zh="等待补正，或按现有材料办理",
            remedy_en="wait for it, or decide on what there is",
        )
    now, rows = clock.now(), []
    for material in materials:
        row, _new = Requirement.objects.select_for_update().get_or_create(case=case, material=material, defaults={"state": "wanted"})
        row.state, row.asked_at = "wanted", now
        row.save(update_fields=["state", "asked_at"])
        rows.append(row)
    last = answer_by(programme)
    rows += clocks.turn(a, case, "supplement") if case.stopped_at else clocks.stop(a, case, "supplement")
    case.task.done_at, case.task.taken_by, case.task.taken_at = now, "", None
    case.task.save(update_fields=["done_at", "taken_by", "taken_at"])
    case.version += 1
    case.save()
    timers.stop_all(case)
    timers.start(LAPSE, case, end_of(last))
    told(a, case, facts.ITEMS_ASKED, {"items": len(materials), "due": str(last)}, [*rows, case, case.task])
    return last


def answer_by(programme: Programme, since: date | None = None) -> date:
    """The last day to give what is missing, counted from the day it was asked for (today)."""
    asked = since or clock.today()
    term = programme.procedure.supplement if programme.procedure else None
    days = (term.days if term else None) or USUAL_SUPPLEMENT_DAYS
    if term is not None and term.unit == "calendar" and term.days:
        return asked + ONE_DAY * days
    return calendar().after(asked, days)


def bring_by(case: Case) -> date | None:
    """The last day to give what the person was asked for; None where the clock doesn't stand for that. Two queries."""
    pause = case.pauses.filter(reason="supplement", ended_at__isnull=True).first()
    return answer_by(programme_of(case), clock.day_of(pause.began_at)) if pause else None


def supplied(a: Act, case: Case) -> bool:
    """Something that was asked for was given: once nothing is missing the case is back on its desk and the clock runs. Case is locked."""
    if case.stopped_at is None or not case.pauses.filter(reason="supplement", ended_at__isnull=True).exists():
        return False
    if Requirement.objects.filter(case=case, state="wanted").exists():
        return False
    since = clock.day_of(case.stopped_at)
    reason = moving.PAUSE_OF.get(moving.kind_of(case))
    rows = clocks.turn(a, case, reason) if reason else clocks.resume(a, case)
    case.task.done_at = None
    clocks.set_task(case, clocks.later(case.task.due_at, since))
    case.task.save()
    case.version += 1
    case.save()
    timers.stop_all(case)
    if moving.procedure_of(programme_of(case)).late == "escalate":
        timers.start(DUE, case, case.task.due_at)
    behalf = {"on_behalf_of": case.on_behalf_of} if case.on_behalf_of else {}
    told(a, case, facts.ITEMS_GIVEN, behalf, [*rows, case, case.task])
    return True


def lapse(viewer: Viewer, case: UUID) -> bool:
    """What was asked for did not come in time: the case ends, and may be asked for anew. False where nothing is left to do. Locks it."""
    with act(viewer) as a:
        row = Case.objects.select_for_update(of=("self",)).select_related("task").get(uid=case)
        waiting = row.pauses.filter(reason="supplement", ended_at__isnull=True).exists()
        if row.status != "open" or not waiting:
            return False
        moving.close(a, viewer, row, "lapsed")
    return True


def _decided_already() -> LinliError:
    return LinliError(
        "casework.asked_too_late",
        zh="已经作出决定，不能再要求补正",
        en="It has been decided: nothing more may be asked for that would end it.",
        expected="a step before the decision",
        expected_zh="作出决定以前的步骤",
        found="a step after it",
        found_zh="已在决定以后的步骤",
        remedy_zh="在本步骤核对；决定有误的，退回重新审核",
        remedy_en="check it in this step, or return the case where the decision was wrong",
    )


def _nothing_asked() -> LinliError:
    return LinliError(
        "casework.nothing_asked",
        zh="没有选择需要补正的材料",
        en="Nothing was chosen to ask for.",
        place=Place(field="materials"),
        expected="at least one material",
        expected_zh="至少一份材料",
        found="none",
        found_zh="没有",
        remedy_zh="选择需要补正的材料",
        remedy_en="choose what is missing",
    )
