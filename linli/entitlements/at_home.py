"""What somebody has asked for, or has, for the household that one lives in: the others read where it stands, and have no second way in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from linli.agreements.models import GOING_ON
from linli.agreements.queries import Halted, halted
from linli.casework.letters.queries import masked_name
from linli.entitlements.models import Application
from linli.kernel import clock
from linli.kernel.dates import age_on
from linli.programmes.published import named
from linli.registers.bitemporal import believed, true_on
from linli.registers.models import HouseholdMember, Resident
from linli.registers.queries.relatives import OF_AGE
from linli.rules.declare import Label


@dataclass(frozen=True, slots=True)
class AtHome:
    """A matter of the household that another of its members asked for. by: their name, masked; begins_on: of what was granted, None while
    nobody has decided; halted: why it rests; shown: whether whoever looks is of age and may read it."""

    programme: str
    household: UUID
    label: Label
    by: str
    asked_on: date
    begins_on: date | None
    halted: Halted | None
    shown: bool


def at_home(person: Resident) -> list[AtHome]:
    """What others of the households that a person lives in today asked for or have for them, newest first. Three queries at most."""
    homes = HouseholdMember.objects.filter(believed(), true_on(clock.today()), resident=person).values("household__uid")
    rows = Application.objects.filter(beneficiary_kind="household", beneficiary__in=homes).exclude(person=person.uid)
    stands = Q(open=True, case__status="open") | Q(case__status="closed", case__award__state__in=GOING_ON)
    found = list(rows.filter(stands).select_related("case", "case__award").order_by("-id"))
    if not found:
        return []
    names = dict(Resident.objects.filter(uid__in={one.person for one in found}).values_list("uid", "name"))
    awards = {one.pk: one.case.award for one in found if one.case.status == "closed"}
    rests = halted(awards.values())
    grown = person.birth_date is not None and age_on(person.birth_date, clock.today()) >= OF_AGE
    return [_of(one, masked_name(names.get(one.person, "")), rests, grown) for one in found]


def _of(row: Application, by: str, rests: dict[int, Halted], shown: bool) -> AtHome:
    award = row.case.award if row.case.status == "closed" else None
    programme = named(row.programme, row.case.programme_version or "")
    return AtHome(
        programme=row.programme,
        household=UUID(str(row.beneficiary)),
        label=programme.label if programme else Label(row.programme, row.programme),
        by=by,
        asked_on=clock.day_of(row.case.opened_at),
        begins_on=award.begins_on if award else None,
        halted=rests.get(award.pk) if award else None,
        shown=shown,
    )
