"""What a case about a guardianship on paper is about, and what its answer does."""

from __future__ import annotations

from linli.casework.models import Case
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.registers.acts.guardianships import confirm_guardianship, refuse_guardianship
from linli.registers.models import Guardianship


def guardianship_of(case: Case) -> Guardianship | None:
    """The paper on record with both sides, None once one of them is erased. One query."""
    return Guardianship.objects.select_related("ward", "guardian").filter(uid=case.fact).first()


def decide(viewer: Viewer, case: Case, outcome: str, reasons: str) -> None:
    """Confirm or refuse what the case is about, in its answer's act. Once a side is erased there is nothing to confirm."""
    row = guardianship_of(case)
    if outcome == "confirmed":
        if row is None:
            raise LinliError(
                "casework.guardianship_gone",
                zh="一方的资料已经注销，不能确认",
                en="The data of one side have been erased: it can't be confirmed.",
                remedy_zh="选择“不予确认”并说明",
                remedy_en="answer that it is not confirmed, and say so",
            )
        confirm_guardianship(viewer, guardianship=row)
    elif row is not None:
        refuse_guardianship(viewer, guardianship=row, reasons=reasons)
