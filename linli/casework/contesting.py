"""Who may answer when a decision is contested: never anybody who had a part in it; a review another office than the one that decided."""

from __future__ import annotations

from linli.casework.desks import departments_of
from linli.casework.kinds import OBJECTION, REVIEW
from linli.casework.models import Case, StepTaken
from linli.kernel.errors import Refused
from linli.kernel.viewer import Viewer
from linli.registers.acts.independence import require_independent

CONTESTING = (OBJECTION.slug, REVIEW.slug)


def require_another(viewer: Viewer, case: Case) -> None:
    """Raise Refused where the viewer had a part in the case that is contested, in answering an earlier objection to it, or could be the
    same person as somebody who had; of a review also where they belong to the office that decided. Four queries and more for each."""
    had_a_part = _signers(case)
    if viewer.actor in had_a_part:
        raise Refused(
            "casework.decided_it",
            zh="您参与过这件事项的办理，须由其他人员复核",
            en="You had a part in the decision: somebody else has to look at it.",
            expected="another officer",
            expected_zh="没有参与办理的人员",
            remedy_zh="请其他经办人员办理",
            remedy_en="leave it to another officer",
        )
    for one in sorted(had_a_part):
        require_independent(one, viewer.actor)
    if case.kind == REVIEW.slug:
        _require_another_office(viewer, case)


def barred(viewer: Viewer, case: Case) -> Refused | None:
    """Why the viewer can't answer where a decision is contested, before they write a word; None where they can. Queries as
    require_another()."""
    if case.kind not in CONTESTING:
        return None
    try:
        require_another(viewer, case)
    except Refused as why:
        return why
    return None


def _signers(case: Case) -> set[str]:
    """Who signed a step of the contested case, stated it, or answered an objection to it."""
    stays = StepTaken.objects.filter(case=case.parent).values_list("signatures", flat=True)
    answered = Case.objects.filter(parent=case.parent, kind=OBJECTION.slug).exclude(pk=case.pk).values_list("answered_by", flat=True)
    opened = case.parent.opened_by if case.parent else ""
    found = {one["actor"] for stay in stays for one in stay} | set(answered) | {opened}
    return {one for one in found if one.startswith("staff:")}


def _require_another_office(viewer: Viewer, case: Case) -> None:
    """A review lies with the city, outside the department that decided (行政复议法 第二十四条)."""
    decided = case.parent.department if case.parent else ""
    own = departments_of(viewer) or frozenset()
    if decided in own or not viewer.may("officer", area=case.task.desk_code, programme=case.programme):
        raise Refused(
            "casework.same_office",
            zh="行政复议须由作出决定的单位以外的机关办理",
            en="A review is answered by another office than the one that decided.",
            expected="an officer of the city outside the department that decided",
            expected_zh="作出决定的部门以外的市级人员",
            found=decided,
            remedy_zh="由复议机构的人员办理",
            remedy_en="leave it to the reviewing body",
        )
