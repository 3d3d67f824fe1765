"""What another system decided about a case that was forwarded to it."""

from __future__ import annotations

from uuid import UUID

from linli.casework.desks import case_for, require_impartial
from linli.casework.models import Case
from linli.casework.steps.acts import programme_of
from linli.entitlements import facts
from linli.entitlements.models import Application, Decision
from linli.entitlements.recording import record
from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer
from linli.trace import act


def answered_elsewhere(viewer: Viewer, case: UUID, outcome: str) -> Case:
    """Keep what the other system answered; a later answer stands in place of an earlier one, and both stay in the trace.

    outcome: one of those that the programme's file lists. For whoever works on the case. Locks the case. The same again does nothing.
    """
    with act(viewer) as a:
        row = case_for(viewer, case, lock=True)
        require_impartial(viewer, row)
        application = Application.objects.select_for_update().select_related("case").filter(case=row).first()
        if application is None or not Decision.objects.filter(application=application, outcome="forwarded").exists():
            raise _not_forwarded(row)
        forwarding = programme_of(row).particulars.forward_to
        known = [one.id for one in forwarding.outcomes] if forwarding else []
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
        if application.answer != outcome:
            application.answer, application.answered_at = outcome, clock.now()
            application.save(update_fields=["answer", "answered_at"])
            record(a, application, facts.ANSWERED_ELSEWHERE, {"answer": outcome}, [application])
    return row


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
