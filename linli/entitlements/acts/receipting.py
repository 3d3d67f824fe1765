"""收件回执 as a paper: with number, code to verify it by, what came, and the limits as they stand when it is made out."""

from __future__ import annotations

from uuid import UUID

from linli.casework.acts import require_may_ask
from linli.casework.desks import no_case
from linli.casework.kinds import APPLICATION
from linli.casework.models import Case, Letter, Requirement
from linli.casework.steps.acts import programme_of
from linli.entitlements import letters
from linli.kernel.viewer import Viewer
from linli.registers.acts.guards import resident_of
from linli.trace import act

RECEIPT = "receipt"


def receipt(viewer: Viewer, case: UUID) -> Letter:
    """The receipt of an application, made out once before acceptance and once after it, when both limits are known; the one that stands
    is returned where there is one.

    Made out when somebody wants it on paper, so that people who apply at the same moment don't wait for one another's number. Allowed as
    for applying. Locks the case.
    """
    with act(viewer) as a:
        row = Case.objects.select_for_update(of=("self",)).select_related("task").filter(uid=case, kind=APPLICATION.slug).first()
        if row is None:
            raise no_case(case)
        resident = resident_of(row.subject_uid)
        require_may_ask(viewer, resident, row.area_code, APPLICATION)
        standing = Letter.objects.filter(case=row, kind=RECEIPT, withdrawn_at__isnull=True).order_by("-id").first()
        if standing is not None and (row.accepted_at is None or standing.issued_at >= row.accepted_at):
            return standing
        needs = dict(Requirement.objects.filter(case=row).values_list("material", "state"))
        proxy = row.on_behalf_of if viewer.subject and not viewer.is_self(row.subject_uid) else ""
        return letters.receipt(a, viewer, row, programme_of(row), needs, by_proxy=bool(proxy))
