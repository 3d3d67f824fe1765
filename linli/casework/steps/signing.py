"""Sign-off by every body named (会签): each gets a case of its own between offices; nothing goes on until all have signed."""

from __future__ import annotations

from collections.abc import Mapping

from linli.casework.kinds import SIGN_OFF
from linli.casework.models import Case, StepTaken
from linli.casework.opening import Asked, inserted, opened
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.registers.acts.guards import resident_of
from linli.trace import act


def ask(viewer: Viewer, case: Case, taken: StepTaken, bodies: Mapping[str, str]) -> list[Case]:
    """Open one case per body, on the desk of the step's level, due when the step is. Call it inside the act that enters the step."""
    found = []
    due = clock.day_of(taken.due_at) if taken.due_at else None
    resident = resident_of(case.subject_uid)
    with act(viewer) as a:
        for key, name in bodies.items():
            columns = {"parent": case, "programme": case.programme, "programme_version": case.programme_version}
            about = f"{case.receipt}:{taken.position}:{key}"
            asked = Asked(SIGN_OFF, "officer", fact=about, department=name, desk=taken.desk_code, due=due, columns=columns)
            child, rows = inserted(viewer, resident, case.area_code, asked)
            opened(a, child, rows)
            found.append(child)
    return found


def require_not_signed(viewer: Viewer, child: Case) -> None:
    """Raise LinliError where the viewer has signed the same step for another body: each body signs by somebody of its own."""
    others = Case.objects.filter(parent=child.parent, kind=SIGN_OFF.slug, fact__startswith=_step(child)).exclude(pk=child.pk)
    if others.filter(answered_by=viewer.actor).exists():
        raise LinliError(
            "casework.signed_for_another",
            zh="您已代表另一部门会签，各部门须由各自的人员签署",
            en="You have signed for another body: each is signed for by somebody of its own.",
            expected="somebody of this body",
            expected_zh="本部门的人员",
            remedy_zh="请该部门的人员签署",
            remedy_en="somebody of that body has to sign",
        )


def still_open(child: Case) -> bool:
    """Whether a body has not answered yet. For an act that has locked the parent."""
    return Case.objects.filter(parent=child.parent, kind=SIGN_OFF.slug, fact__startswith=_step(child), status="open").exists()


def objected(child: Case) -> bool:
    """Whether one of the bodies did not sign. For an act that has locked the parent."""
    rows = Case.objects.filter(parent=child.parent, kind=SIGN_OFF.slug, fact__startswith=_step(child))
    return rows.filter(outcome="objected").exists()


def _step(child: Case) -> str:
    """What the cases of one stay begin their `fact` with: the receipt and the stay's position."""
    return child.fact.rpartition(":")[0] + ":"
