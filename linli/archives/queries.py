"""Which cases and batches may be filed, and by whom: officers who work on them and auditors of their area and programme."""

from __future__ import annotations

from uuid import UUID

from linli.casework.desks import no_case, require_impartial, workable
from linli.casework.models import Case
from linli.kernel.viewer import Viewer


def case_for(viewer: Viewer, uid: UUID) -> Case:
    """A case that the viewer works on as an officer, or may audit. Refused in one's own or one's family's matter. Raises LinliError."""
    row = Case.objects.select_related("task", "parent").filter(uid=uid).first()
    if row is None or not (viewer.all_seeing or _audits(viewer, row) or _works(viewer, row)):
        raise no_case(uid)
    require_impartial(viewer, row)
    return row


def may_file(viewer: Viewer, case: Case) -> bool:
    """Whether the viewer is offered the archive of a case that they were already shown. One query at most."""
    return _audits(viewer, case) or _works(viewer, case)


def _audits(viewer: Viewer, row: Case) -> bool:
    return viewer.may("auditor", area=row.area_code, programme=row.programme)


def _works(viewer: Viewer, row: Case) -> bool:
    return "officer" in viewer.roles and workable(viewer).filter(case=row).exists()
