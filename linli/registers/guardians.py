"""Who is whose guardian by the register: an appointed guardian, or a parent of somebody under eighteen.

Civil Code (民法典) art. 17 (majority at eighteen), art. 27 (parents are the guardians of minors), arts. 28, 33 (of adults).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from linli.kernel import clock
from linli.kernel.dates import add_years
from linli.registers.bitemporal import believed, true_on
from linli.registers.models import FamilyLink, Resident

MAJORITY = 18


def guarded_by(guardian: Resident, people: Iterable[Resident], on: date | None = None) -> set[int]:
    """Keys of those of the people whose guardian this resident is on a day (today). One query."""
    day = on or clock.today()
    minors = {one.pk for one in people if one.birth_date is not None and add_years(one.birth_date, MAJORITY) > day}
    links = FamilyLink.objects.filter(believed(), true_on(day), relative=guardian, resident__in=[one.pk for one in people])
    found = links.filter(relation__in=("guardian", "father", "mother")).values_list("resident_id", "relation")
    return {key for key, relation in found if relation == "guardian" or key in minors}
