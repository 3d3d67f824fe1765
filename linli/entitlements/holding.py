"""The registers' word for what somebody has been given: other programmes' rules read it (holds), and so does the city's take-up."""

from __future__ import annotations

from linli.agreements.models import Award
from linli.casework.models import Case
from linli.entitlements.models import Application
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.registers.acts.records import end_holding, record_holding
from linli.registers.models import Household, Organisation, Resident


def _beneficiary(row: Application) -> Resident | Household | Organisation | None:
    """Whom the application is for; None once their data are erased. One query."""
    if row.beneficiary_kind == "household":
        return Household.objects.filter(uid=row.beneficiary).first()
    if row.beneficiary_kind == "organisation":
        return Organisation.objects.filter(uid=row.beneficiary).first()
    return Resident.objects.filter(uid=row.beneficiary, erased_at__isnull=True).first()


def record(viewer: Viewer, case: Case) -> None:
    """From the decision on, made here or where it was forwarded, the beneficiary holds the programme's benefit. Repeats nothing."""
    row = Application.objects.filter(case=case).first()
    if row is None or case.closed_at is None:
        return
    beneficiary = _beneficiary(row)
    award = Award.objects.filter(case=case).first()
    if beneficiary is None:
        return
    from_day = award.begins_on if award else clock.today() if row.answer else case.closed_at.date()
    record_holding(
        viewer,
        subject=beneficiary,
        programme_slug=row.programme,
        valid_from=from_day,
        origin=str(case),
        key=None if row.answer else f"entitlements.holding:{case.uid}",
    )


def end(viewer: Viewer, case: Case) -> None:
    """From today on the beneficiary no longer holds it: what was granted elsewhere was taken back there. Nothing where it isn't held."""
    row = Application.objects.filter(case=case).first()
    beneficiary = _beneficiary(row) if row else None
    if row is not None and beneficiary is not None:
        end_holding(viewer, subject=beneficiary, programme_slug=row.programme, on=clock.today())
