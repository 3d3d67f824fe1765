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


def guardians_of(ward: Resident, people: Iterable[Resident], on: date | None = None) -> set[int]:
    """Keys of those of the people who are this resident's guardians on a day (today). One query."""
    day = on or clock.today()
    links = FamilyLink.objects.filter(believed(), true_on(day), resident=ward, relative__in=[one.pk for one in people])
    found = links.filter(relation__in=("guardian", "father", "mother")).values_list("relative_id", "relation")
    return {key for key, relation in found if relation == "guardian" or _is_minor(ward, day)}


def _is_minor(person: Resident, day: date) -> bool:
    return person.birth_date is not None and add_years(person.birth_date, MAJORITY) > day


def is_guarded(person: Resident, on: date | None = None) -> bool:
    """Whether a guardian consents for this resident on a day (today): a minor or somebody with a guardian. One query at most."""
    day = on or clock.today()
    return _is_minor(person, day) or FamilyLink.objects.filter(believed(), true_on(day), resident=person, relation="guardian").exists()


def comes_of_age(person: Resident) -> date | None:
    """The eighteenth birthday of a minor, None of anybody else."""
    if person.birth_date is None or not _is_minor(person, clock.today()):
        return None
    return add_years(person.birth_date, MAJORITY)


def guarded_by(guardian: Resident, people: Iterable[Resident], on: date | None = None) -> set[int]:
    """Keys of those of the people whose guardian this resident is on a day (today). One query."""
    day = on or clock.today()
    minors = {one.pk for one in people if _is_minor(one, day)}
    links = FamilyLink.objects.filter(believed(), true_on(day), relative=guardian, resident__in=[one.pk for one in people])
    found = links.filter(relation__in=("guardian", "father", "mother")).values_list("resident_id", "relation")
    return {key for key, relation in found if relation == "guardian" or key in minors}
