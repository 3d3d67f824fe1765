"""From step to step: entering one, signing it, sending the case back, ending with the last.

A case runs under the version that it was received under, to its end. It is where its newest StepTaken says; its task lies on that
step's desk, and is done while the step waits for something else than a desk (other offices' signatures, a public notice).
What takes an open act `a` is for an act that has locked the case.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings

from linli.casework import facts, said, timers
from linli.casework.deadlines import calendar
from linli.casework.endings import closing, ended, told
from linli.casework.kinds import KINDS, LEVELS, SIGN_OFF, WITHDRAWN
from linli.casework.models import Case, StepTaken, Survey
from linli.casework.opening import DUE
from linli.casework.steps import clocks, gates, signing
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.kernel.workdays import end_of
from linli.programmes import load_city
from linli.programmes.declaration import Programme
from linli.programmes.procedure.declaration import DECIDES, Procedure, Step
from linli.registers.acts.independence import require_independent
from linli.registers.acts.mandates import end_matter
from linli.trace import Act

PARKED = frozenset({"notice", "sign"})
"""Kinds of steps that no desk does: the public is shown, or other offices sign."""
PAUSE_OF = {"appraise": "appraisal"}
"""Kinds of steps in which the clock stands from beginning to end; in a notice step only while the notice hangs (showing.py)."""


def procedure_of(programme: Programme) -> Procedure:
    """Its steps. Raises LinliError where the version has none."""
    if programme.procedure is None or not programme.procedure.steps:
        raise LinliError(
            "casework.no_procedure",
            zh="这项政策还没有写明办理步骤",
            en="The programme doesn't say its steps yet.",
            expected="procedure.steps",
            found=f"{programme.slug} {programme.version}",
            remedy_zh="请政策负责单位补全办理步骤后再受理",
            remedy_en="ask the owner to complete the procedure first",
        )
    return programme.procedure


def body_name(key: str) -> str:
    """A department's Chinese name by its key in city.yaml."""
    return load_city(Path(settings.LINLI_CITY)).bodies[key].zh


def competent(programme: Programme, step: Step | None = None) -> str:
    """The department that does a step: the one that the step names, else the one that carries the programme out."""
    return body_name(step.bodies[0] if step and step.bodies else programme.item.body)


def desk_for(case_area: str, level: str) -> str:
    """The area whose office does a step of this level for somebody from there."""
    return case_area[: LEVELS[level]]


def current(case: Case) -> StepTaken:
    """The stay that hasn't ended, locked. Raises LinliError before acceptance. One query."""
    found = StepTaken.objects.select_for_update().filter(case=case, done_at__isnull=True).first()
    if found is None:
        raise LinliError(
            "casework.not_accepted",
            zh="还没有受理",
            en="The application has not been accepted yet.",
            expected="an accepted application",
            expected_zh="已受理的申请",
            remedy_zh="先受理，或一次性告知需要补正的材料",
            remedy_en="accept it first, or ask for what is missing",
        )
    return found


def kind_of(case: Case) -> str:
    """The kind of the step that the case is in, "" before acceptance. One query."""
    return StepTaken.objects.filter(case=case, done_at__isnull=True).values_list("kind", flat=True).first() or ""


def enter(a: Act, viewer: Viewer, case: Case, programme: Programme, step: Step) -> StepTaken:
    """The case comes to a step: its desk, department, due day and clock are that step's. Saves case and task."""
    procedure = procedure_of(programme)
    level = procedure.level_of(step)
    due = end_of(calendar().after(clock.today(), step.days)) if step.days else None
    taken = StepTaken.objects.create(
        case=case,
        position=StepTaken.objects.filter(case=case).count(),
        step=step.id,
        kind=step.kind,
        level=level,
        desk_code=desk_for(case.area_code, level),
        department=competent(programme, step),
        officers=step.officers,
        opened_at=clock.now(),
        due_at=due,
    )
    case.step, case.department = step.id, taken.department
    rows: list[Any] = [taken, case, case.task]
    rows += clocks.stop(a, case, PAUSE_OF[step.kind]) if step.kind in PAUSE_OF else clocks.resume(a, case)
    _lay_on_desk(case, taken, step, late=procedure.late)
    case.version += 1
    case.save()
    case.task.save()
    payload = {"step": step.id, "step_kind": step.kind, "at_level": level, **({"due": str(clock.day_of(due))} if due else {})}
    told(a, case, facts.STEP_ENTERED, payload, rows)
    if step.kind == "sign":
        signing.ask(viewer, case, taken, {key: body_name(key) for key in step.bodies})
    return taken


def _lay_on_desk(case: Case, taken: StepTaken, step: Step, *, late: str) -> None:
    """The task with a due time of the step, on its desk; nobody has it yet. A late step moves up where the programme says so."""
    task = case.task
    task.role, task.desk_code, task.level = step.role, taken.desk_code, 0
    task.taken_by, task.taken_at = "", None
    task.done_at = clock.now() if step.kind in PARKED else None
    clocks.set_task(case, taken.due_at or case.due_at)
    timers.stop_all(case)
    if task.done_at is None and late == "escalate":
        timers.start(DUE, case, task.due_at)


def sign(a: Act, viewer: Viewer, case: Case, programme: Programme, taken: StepTaken, outcome: str, words: str = "") -> bool:
    """One officer lets the step pass with an outcome; whether that was the last signature it needs. A second one is somebody else.

    Raises LinliError where the same person signs twice, two could be one person, a colleague signed for another outcome, or a gate says
    what is still missing.
    """
    gates.ask(a, viewer, case, programme, taken, outcome)
    before = [one["actor"] for one in taken.signatures]
    for other in before:
        if other == viewer.actor:
            raise _second_person()
        require_independent(other, viewer.actor)
    if taken.signatures and taken.signatures[0]["outcome"] != outcome:
        raise LinliError(
            "casework.signed_otherwise",
            zh="同事的意见与您的不同",
            en="A colleague signed for another outcome.",
            expected=str(taken.signatures[0]["outcome"]),
            found=outcome,
            remedy_zh="与同事商量一致，或退回上一步",
            remedy_en="agree with the colleague, or send it back a step",
        )
    taken.signatures = [*taken.signatures, signature(viewer, case, outcome, words)]
    done = len(taken.signatures) >= taken.officers
    if not done:
        taken.save(update_fields=["signatures"])
        case.task.taken_by, case.task.taken_at, case.version = "", None, case.version + 1
        case.task.save(update_fields=["taken_by", "taken_at"])
        case.save(update_fields=["version"])
        told(a, case, facts.STEP_LEFT, {"step": taken.step, "result": "signed"}, [taken, case, case.task])
    return done


def signature(viewer: Viewer, case: Case, outcome: str, words: str) -> dict[str, str]:
    """Who said what of a step, when."""
    return {"actor": viewer.actor, "at": clock.now().isoformat(), "outcome": outcome, **said.sealed(case, words)}


def _second_person() -> LinliError:
    return LinliError(
        "casework.second_person",
        zh="这一步需要两位不同的人员办理，您已经签过",
        en="This step takes two different people, and you have signed already.",
        expected="another officer",
        expected_zh="另一位经办人员",
        remedy_zh="请同事办理",
        remedy_en="a colleague has to do it",
    )


def leave(a: Act, case: Case, taken: StepTaken, result: str) -> None:
    """The stay ends."""
    taken.done_at, taken.result = clock.now(), result
    taken.save(update_fields=["done_at", "result", "signatures"])
    told(a, case, facts.STEP_LEFT, {"step": taken.step, "result": result}, [taken])


def leave_signed(a: Act, viewer: Viewer, case: Case, taken: StepTaken, outcome: str) -> None:
    """The step has passed by rule alone."""
    taken.signatures = [signature(viewer, case, outcome, "")]
    leave(a, case, taken, "passed")


def go_on(a: Act, viewer: Viewer, case: Case, programme: Programme, taken: StepTaken) -> None:
    """The step has passed: the next one, or the end with what was decided."""
    leave(a, case, taken, "passed")
    steps = procedure_of(programme).steps
    following = steps[[one.id for one in steps].index(taken.step) + 1 :]
    coming = next((one for one in following if not gates.idle(case, programme, one)), None)
    if coming is not None:
        enter(a, viewer, case, programme, coming)
    else:
        close(a, viewer, case, decided(case))


def go_back(a: Act, viewer: Viewer, case: Case, programme: Programme, taken: StepTaken) -> None:
    """The case returns to the last step before this one that a desk does without deciding. Raises LinliError where there is none."""
    before = step_before(programme, taken)
    if before is None:
        raise LinliError(
            "casework.first_step",
            zh="这是第一步，没有可以退回的步骤",
            en="This is the first step: there is none to return to.",
            expected="a step before this one",
            expected_zh="前面还有步骤",
            found=taken.step,
            remedy_zh="缺少材料的，请一次性告知申请人补正",
            remedy_en="where something is missing, ask the applicant for it",
        )
    leave(a, case, taken, "returned")
    enter(a, viewer, case, programme, before)


def step_before(programme: Programme, taken: StepTaken) -> Step | None:
    """The last step before this one that a desk does without deciding, None where there is none."""
    steps = procedure_of(programme).steps
    earlier = steps[: [one.id for one in steps].index(taken.step)]
    return next((one for one in reversed(earlier) if one.kind not in PARKED and one.kind not in DECIDES), None)


def after_decision(procedure: Procedure, step: str | None) -> bool:
    """Whether a step comes after one that decides: whoever is there has been told what was decided."""
    ids = [one.id for one in procedure.steps]
    return any(one.kind in DECIDES for one in procedure.steps[: ids.index(step) if step in ids else 0])


def decided(case: Case) -> str:
    """The outcome that the newest deciding step passed with. Raises LinliError where none has."""
    rows = StepTaken.objects.filter(case=case, kind__in=DECIDES, result="passed").order_by("-position")
    newest = rows.first()
    if newest is None:
        raise LinliError(
            "casework.undecided",
            zh="还没有作出决定，不能办结",
            en="Nothing has been decided yet: the case can't end.",
            remedy_zh="先办理决定步骤",
            remedy_en="do the deciding step first",
        )
    return str(newest.signatures[-1]["outcome"])


def cut_off(a: Act, viewer: Viewer, case: Case) -> list[Any]:
    """The case ends where it is: its stay, its pause, and what other offices were asked to sign; the rows that changed."""
    open_stay = StepTaken.objects.select_for_update().filter(case=case, done_at__isnull=True).first()
    if open_stay is not None:
        leave(a, case, open_stay, "ended")
    asked = Case.objects.select_for_update(of=("self",)).select_related("task").filter(parent=case, kind=SIGN_OFF.slug, status="open")
    for child in asked.order_by("pk"):
        told(a, child, facts.CLOSED, {"outcome": WITHDRAWN.slug, "on_time": True}, ended(child, WITHDRAWN.slug, viewer.actor))
    rows = clocks.resume(a, case)
    if rows:
        case.save(update_fields=["stopped_at", "due_at", "statutory_due_at"])
    return rows


def close(a: Act, viewer: Viewer, case: Case, outcome: str) -> None:
    """The end of the case: task and clocks stop, mandates for it end, the person is asked how it was."""
    rows = [*cut_off(a, viewer, case), *ended(case, outcome, viewer.actor)]
    kind = KINDS[case.kind]
    end_matter(viewer, principal=case.subject_uid, matters=[one for one in (str(case), kind.errand) if one])
    rows.append(Survey.objects.create(case=case, invited_at=clock.now()))
    told(a, case, facts.CLOSED, closing(case), rows)
    gates.end(a, viewer, case)
