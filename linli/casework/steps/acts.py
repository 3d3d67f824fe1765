"""What people do with a case in a step: let it pass, send it back; and what ends a step that no desk does."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from linli.casework import said
from linli.casework.desks import case_for, no_case, require_desk, require_free, require_impartial
from linli.casework.kinds import APPLICATION
from linli.casework.models import Case, StepTaken
from linli.casework.steps import moving, signing
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.programmes.procedure.declaration import DECIDES, STEP_KINDS
from linli.programmes.queries import pinned
from linli.trace import Act, AlreadyDone, act

Done = Callable[[Act, Case, Programme, StepTaken], None]


def pass_on(viewer: Viewer, case: UUID, words: str = "", *, key: str | None = None) -> Case:
    """Let a case pass a step that takes no decision. Where it takes two officers the first one's is a signature and the case stays.

    words: a note for colleagues. Locks the case. Nobody passes on their own matter. Raises LinliError for another kind of step.
    """

    def done(a: Act, row: Case, programme: Programme, taken: StepTaken) -> None:
        if taken.kind in DECIDES or taken.kind in moving.PARKED:
            raise not_this_step(taken, "check, review, appraise, works, accept_works")
        if moving.sign(a, viewer, row, programme, taken, "passed", words):
            moving.go_on(a, viewer, row, programme, taken)

    return in_step(viewer, case, "pass_on", done, key)


def send_back(viewer: Viewer, case: UUID, words: str, *, key: str | None = None) -> Case:
    """Return a case to the step before, with reasons. Locks the case. Raises LinliError where there is no step before."""
    reasons = said.required(words)

    def done(a: Act, row: Case, programme: Programme, taken: StepTaken) -> None:
        if taken.kind in moving.PARKED:
            raise not_this_step(taken, "a step that a desk does")
        taken.signatures = [*taken.signatures, moving.signature(viewer, row, "returned", reasons)]
        moving.go_back(a, viewer, row, programme, taken)

    return in_step(viewer, case, "send_back", done, key)


def in_step(viewer: Viewer, uid: UUID, verb: str, done: Done, key: str | None) -> Case:
    """Do something with a case in the step where it is, in one act that locks it; a repeated key does nothing twice.

    Raises Refused for whoever sits below the step's desk.
    """
    try:
        with act(viewer, key=said.scoped(viewer, verb, key)) as a:
            row = open_application(viewer, uid)
            require_impartial(viewer, row)
            require_free(viewer, row)
            taken = moving.current(row)
            require_desk(viewer, row.task.role, taken.desk_code, row.programme)
            done(a, row, programme_of(row), taken)
            a.result = {"case": str(row.uid)}
    except AlreadyDone as before:
        return case_for(viewer, UUID(before.result["case"]))
    return row


def open_application(viewer: Viewer, uid: UUID) -> Case:
    """The application that the viewer may work on, locked. Raises LinliError where it has ended or is no application."""
    row = case_for(viewer, uid, lock=True)
    if row.kind != APPLICATION.slug:
        raise no_case(uid)
    if row.status != "open":
        raise LinliError(
            "casework.ended",
            zh="这件申请已经办结",
            en="The application has ended.",
            expected="an open application",
            expected_zh="办理中的申请",
            found=row.outcome,
            remedy_zh="打开事项查看结果",
            remedy_en="open the case and read how it ended",
        )
    return row


def programme_of(case: Case) -> Programme:
    """The version that the case runs under. One query."""
    return pinned(case.programme, case.programme_version or "")


def not_this_step(taken: StepTaken, expected: str) -> LinliError:
    """The step is of another kind than the act is for."""
    return LinliError(
        "casework.not_this_step",
        zh="当前步骤不能这样办理",
        en="That isn't what this step does.",
        expected=expected,
        found=taken.kind,
        found_zh=STEP_KINDS[taken.kind].zh,
        remedy_zh="打开事项，按当前步骤办理",
        remedy_en="open the case and do its step",
    )


def finish_notice(viewer: Viewer, case: UUID) -> bool:
    """The public notice of a case is over and nobody objected: it goes on. False where it is in no notice step any more. Locks the case.

    For the stage that puts notices up; viewer: the system.
    """
    with act(viewer) as a:
        row = Case.objects.select_for_update(of=("self",)).select_related("task").get(uid=case)
        if row.status != "open":
            return False
        taken = moving.current(row)
        if taken.kind != "notice":
            return False
        taken.signatures = [moving.signature(viewer, row, "passed", "")]
        moving.go_on(a, viewer, row, programme_of(row), taken)
    return True


def back_from_notice(viewer: Viewer, case: UUID) -> bool:
    """Something speaks against what is, or was to be, shown: the case goes back to the step before its notice, to be looked at again.
    False where it is in no notice step, or none comes before. Locks the case. For the stage that puts notices up."""
    with act(viewer) as a:
        row = Case.objects.select_for_update(of=("self",)).select_related("task").get(uid=case)
        taken = StepTaken.objects.select_for_update().filter(case=row, done_at__isnull=True, kind="notice").first()
        if taken is None or moving.step_before(programme_of(row), taken) is None:
            return False
        taken.signatures = [moving.signature(viewer, row, "returned", "")]
        moving.go_back(a, viewer, row, programme_of(row), taken)
    return True


def signed(a: Act, viewer: Viewer, child: Case) -> None:
    """A body has answered: once all have, the case they signed goes on, or back to the step before if one did not sign. Locks it."""
    row = Case.objects.select_for_update(of=("self",)).select_related("task").get(children=child)
    if row.status != "open" or signing.still_open(child):
        return
    taken = moving.current(row)
    if signing.objected(child):
        taken.signatures = [moving.signature(viewer, row, "returned", "")]
        moving.go_back(a, viewer, row, programme_of(row), taken)
    else:
        moving.go_on(a, viewer, row, programme_of(row), taken)
