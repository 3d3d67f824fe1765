"""The registers' word for what somebody has been given: other programmes' rules read it (holds), and so does the city's take-up."""

from __future__ import annotations

from linli.agreements.models import Award
from linli.casework.models import Case
from linli.entitlements.models import Application
from linli.kernel.viewer import Viewer
from linli.registers.acts.records import record_holding
from linli.registers.models import Household, Organisation, Resident


def _beneficiary(row: Application) -> Resident | Household | Organisation | None:
    """Whom the application is for; None once their data are erased. One query."""
    if row.beneficiary_kind == "household":
        return Household.objects.filter(uid=row.beneficiary).first()
    if row.beneficiary_kind == "organisation":
        return Organisation.objects.filter(uid=row.beneficiary).first()
    return Resident.objects.filter(uid=row.beneficiary, erased_at__isnull=True).first()


def record(viewer: Viewer, case: Case) -> None:
    """From the decision on, the beneficiary holds the programme's benefit; until the award's last day where it has one. Repeats nothing."""
    row = Application.objects.filter(case=case).first()
    if row is None or case.closed_at is None:
        return
    beneficiary = _beneficiary(row)
    award = Award.objects.filter(case=case).first()
    if beneficiary is None:
        return
    from_day = award.begins_on if award else case.closed_at.date()
    record_holding(
        viewer,
        subject=beneficiary,
        programme_slug=row.programme,
        valid_from=from_day,
        origin=str(case),
        key=f"entitlements.holding:{case.uid}",
    )
