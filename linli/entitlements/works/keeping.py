"""What keeps a case in its step while something of its works lacks: signatures, pictures, the acceptance."""

from __future__ import annotations

from linli.casework.models import Case, StepTaken
from linli.entitlements.works.acts import require_pictured, require_signed
from linli.entitlements.works.models import WorksList
from linli.entitlements.works.refusals import refused
from linli.entitlements.works.signing_off import require_signed_off
from linli.entitlements.works.standing import Works, begins_after, has_works, works_of
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.programmes.procedure.declaration import DECIDES
from linli.registers.acts.independence import require_independent

BACK = frozenset({"refused"})


def keep(viewer: Viewer, case: Case, programme: Programme, taken: StepTaken, outcome: str) -> None:
    """Raise LinliError while the step can't pass. Up to eight queries, none for a programme without works.

    The list stands before it is assessed and shown. It is signed by all, and every picture before is there, when the last desk before the
    works lets the case pass. Both still hold when the works are reported done, and other offices signed off the list as it is; pictures
    after and the acceptance are there at its end.
    """
    if outcome in BACK or not has_works(programme):
        return
    if taken.kind == "appraise" and programme.particulars.works is not None and not WorksList.objects.filter(case=case).exists():
        raise refused(
            "no_list",
            ("还没有拟定改造清单", "There is no list of works yet."),
            ("按上门评估的结果拟定清单", "draw it up from the assessment"),
        )
    last = begins_after(programme)
    if (last is None or taken.step != last.id) and taken.kind not in ("works", "accept_works"):
        return
    found = works_of(case, programme)
    if taken.kind in ("works", "accept_works"):
        require_signed_off(case, found.current)
    require_signed(found.unsigned)
    require_pictured(found.lacking("before"))
    if taken.kind in DECIDES:
        _require_another(viewer, found)
    if taken.kind == "accept_works":
        require_pictured(found.lacking("after"))
        _require_accepted(found, programme)


def _require_another(viewer: Viewer, found: Works) -> None:
    """Whoever assessed a home doesn't decide what is done to it."""
    for one in found.signatures:
        if one.signer != "assessor":
            continue
        if one.entered_by == viewer.actor:
            raise refused(
                "assessor_decides",
                ("评估人员不能审批自己评估的改造", "Whoever assessed a home doesn't decide about it."),
                ("请另一位人员审批", "have a colleague decide"),
                expected=("另一位审批人员", "another officer"),
            )
        require_independent(one.entered_by, viewer.actor)


def _require_accepted(found: Works, programme: Programme) -> None:
    paid = programme.payment is not None and programme.payment.reckoned in ("works", "ceiling")
    stale = found.accepted is not None and found.current is not None and found.accepted.works_id != found.current.pk
    if paid and (found.accepted is None or stale):
        raise refused(
            "not_accepted",
            ("还没有记录验收结果", "What was accepted isn't recorded yet."),
            ("先填写验收的项目和金额", "say what was accepted first"),
        )
