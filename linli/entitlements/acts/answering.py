"""What another system decided about a case that was forwarded to it: kept, held where it grants, told to the person."""

from __future__ import annotations

from uuid import UUID

from linli.casework.desks import case_for, require_impartial
from linli.casework.models import Case
from linli.casework.steps.acts import programme_of
from linli.entitlements import facts, holding
from linli.entitlements.models import Application, Decision
from linli.entitlements.recording import record
from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer, system
from linli.programmes.declaration import Programme
from linli.programmes.particulars import Outcome
from linli.trace import act

ANSWERED = system("entitlements.answered")


def answered_elsewhere(viewer: Viewer, case: UUID, outcome: str, *, anew: bool = True) -> Case:
    """Keep what the other system answered; a later answer stands in place of an earlier one, and both stay in the trace.

    What an answer grants is held from that day on, so that other rules read it; one that takes it back ends it. outcome: one of those that
    the programme's file lists. anew: whether an answer that stands may be replaced. For whoever works on the case. Locks the case, then the
    person. The same again does nothing.
    """
    with act(viewer) as a:
        row = case_for(viewer, case, lock=True)
        require_impartial(viewer, row)
        application = Application.objects.select_for_update().select_related("case").filter(case=row).first()
        if application is None or not Decision.objects.filter(application=application, outcome="forwarded").exists():
            raise _not_forwarded(row)
        programme = programme_of(row)
        answer = _listed(programme, outcome)
        if application.answer == outcome:
            return row
        before = answer_of(programme, application)
        if before is not None and not anew:
            raise _answered_otherwise(before, answer)
        application.answer, application.answered_at = outcome, clock.now()
        application.save(update_fields=["answer", "answered_at"])
        record(a, application, facts.ANSWERED_ELSEWHERE, {"answer": outcome}, [application])
        if answer.grants:
            holding.record(ANSWERED, row)
        elif before is not None and before.grants:
            holding.end(ANSWERED, row)
    return row


def answer_of(programme: Programme, application: Application) -> Outcome | None:
    """What the other system has answered so far; None before, and for a case that was not forwarded. Pure."""
    forwarding = programme.particulars.forward_to
    return next((one for one in forwarding.outcomes if one.id == application.answer), None) if forwarding else None


def _listed(programme: Programme, outcome: str) -> Outcome:
    forwarding = programme.particulars.forward_to
    known = {one.id: one for one in forwarding.outcomes} if forwarding else {}
    if outcome not in known:
        raise LinliError(
            "entitlements.no_such_answer",
            zh="政策文件没有写这种答复",
            en="The programme's file lists no such answer.",
            place=Place(field="outcome"),
            expected=", ".join(known),
            found=outcome,
            remedy_zh="使用政策文件列出的答复",
            remedy_en="use one that the programme's file lists",
        )
    return known[outcome]


def _answered_otherwise(before: Outcome, answer: Outcome) -> LinliError:
    return LinliError(
        "entitlements.answered_otherwise",
        zh="这件事项已经有不同的答复",
        en="Another answer stands for this case.",
        expected=(before.label.zh, before.label.en),
        found=(answer.label.zh, answer.label.en),
        remedy_zh="对方确有更正的，打开事项逐件更正",
        remedy_en="where the other system did change it, open the case and correct it there",
    )


def _not_forwarded(row: Case) -> LinliError:
    return LinliError(
        "entitlements.not_forwarded",
        zh="这件事项没有转给其他系统",
        en="The case was not forwarded to another system.",
        expected="a forwarded application",
        expected_zh="已转办的申请",
        found=row.outcome or row.status,
        remedy_zh="核对事项编号",
        remedy_en="check the case's number",
    )
