"""Numbers that other systems gave a case (a ticket of the hotline, 办件编号): within a system each names one case."""

from __future__ import annotations

from uuid import UUID

from linli.casework import facts, queries
from linli.casework.endings import told
from linli.casework.models import Case, ExternalNumber
from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer
from linli.trace import act


def give_number(viewer: Viewer, case: UUID, *, system: str, number: str) -> Case:
    """Keep the number that a system gave a case which the viewer works on or took in. Twice is once.

    Raises LinliError where the number already names another case. About six statements.
    """
    with act(viewer) as a:
        row = queries.case(viewer, case)
        kept, new = ExternalNumber.objects.get_or_create(system=system, number=number, defaults={"case": row, "at": clock.now()})
        if kept.case_id != row.pk:
            raise LinliError(
                "casework.number_taken",
                zh="这个编号已经属于另一件事项",
                en="This number names another case.",
                place=Place(field="number"),
                expected="a number that names no other case",
                expected_zh="没有用过的编号",
                found=f"{system} {number}",
                remedy_zh="核对系统名称和编号",
                remedy_en="check the system and the number",
            )
        if new:
            told(a, row, facts.NUMBERED, {"system": system}, [kept])
    return row


def numbers_of(case: Case) -> list[ExternalNumber]:
    """The numbers of a case that the viewer was already shown, oldest first. One query."""
    return list(ExternalNumber.objects.filter(case=case).order_by("id"))
