"""Whoever a matter is about takes it back: asked for by somebody else, or no longer needed."""

from __future__ import annotations

from uuid import UUID

from linli.casework import facts
from linli.casework.desks import no_case
from linli.casework.endings import closing, ended, told
from linli.casework.kinds import KINDS, WITHDRAWN
from linli.casework.models import Case
from linli.casework.queries import asked_by_an_office
from linli.casework.steps import gates, moving
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer, system
from linli.registers.acts.guards import resident_of
from linli.registers.acts.mandates import end_matter
from linli.registers.queries.accounts import decides_for
from linli.trace import act

ENDING = system("casework.withdrawn")


def withdraw(viewer: Viewer, case: UUID) -> Case:
    """Close an open case at the word of the person it is about, of their guardian, or of whoever asked for it and still acts for them.

    A guardian does not take back what an office asked for on its own, and nobody what an office has to end. Mandates for this one case
    end with it; nobody is asked to rate it. Needs the level that asking took. Locks the case.
    """
    with act(viewer) as a:
        row = Case.objects.select_for_update(of=("self",)).select_related("task").filter(uid=case).first()
        if row is None or not KINDS[row.kind].told or not _whose(viewer, row):
            raise no_case(case)
        viewer.require_level(KINDS[row.kind].level)
        if row.status != "open":
            raise LinliError(
                "casework.answered_already",
                zh="这件事项已经办结，不用撤回",
                en="The case has been closed already.",
                remedy_zh="打开事项查看结果",
                remedy_en="open the case and read how it ended",
            )
        stopped = moving.cut_off(a, viewer, row) if KINDS[row.kind].stepped else []
        rows = [*stopped, *ended(row, WITHDRAWN.slug, viewer.actor)]
        end_matter(ENDING, principal=row.subject_uid, matters=[str(row)])
        told(a, row, facts.CLOSED, closing(row), rows)
        if KINDS[row.kind].stepped:
            gates.end(a, viewer, row)
    return row


def may_withdraw(viewer: Viewer, case: Case) -> bool:
    """Whether this viewer may take the case back. Three queries at most."""
    return viewer.reaches(KINDS[case.kind].level) and _whose(viewer, case)


def _whose(viewer: Viewer, case: Case) -> bool:
    if KINDS[case.kind].duty or not viewer.acts_for_resident(case.subject_uid):
        return False
    if case.opened_by == viewer.actor or viewer.is_self(case.subject_uid):
        return True
    return decides_for(viewer, resident_of(case.subject_uid)) and not asked_by_an_office(case)
