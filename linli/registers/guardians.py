"""Who is whose guardian by the register: an appointed guardian, or a parent of somebody under eighteen. One whose paper was confirmed
(acts.guardianships) is one of the register's from then on.

Civil Code (民法典) art. 17 (majority at eighteen), art. 27 (parents are the guardians of minors), arts. 28, 33 (of adults).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q

from linli.kernel import clock
from linli.kernel.dates import add_years
from linli.kernel.viewer import Viewer
from linli.registers.bitemporal import believed, true_on
from linli.registers.models import FamilyLink, Resident

MAJORITY = 18


def guardians_of(ward: Resident, people: Iterable[Resident], on: date | None = None) -> set[int]:
    """Keys of those of the people who are this resident's guardians on a day (today). One query."""
    day = on or clock.today()
    links = FamilyLink.objects.filter(believed(), true_on(day), resident=ward, relative__in=[one.pk for one in people])
    found = links.filter(relation__in=("guardian", "father", "mother")).values_list("relative_id", "relation")
    return {key for key, relation in found if relation == "guardian" or _is_minor(ward, day)}


def known_guardians(ward: Resident, on: date | None = None) -> list[tuple[Resident, str]]:
    """This resident's guardians on a day (today) with what they are to them (models.RELATIONS), appointed ones first. One query."""
    day = on or clock.today()
    relations = ("guardian", "father", "mother") if _is_minor(ward, day) else ("guardian",)
    links = FamilyLink.objects.filter(believed(), true_on(day), resident=ward, relation__in=relations, relative__erased_at__isnull=True)
    found: dict[int, tuple[Resident, str]] = {}
    for one in sorted(links.select_related("relative"), key=lambda link: (relations.index(link.relation), link.pk)):
        found.setdefault(one.relative_id, (one.relative, one.relation))
    return list(found.values())


def _is_minor(person: Resident, day: date) -> bool:
    return person.birth_date is not None and add_years(person.birth_date, MAJORITY) > day


def is_guarded(person: Resident, on: date | None = None) -> bool:
    """Whether a guardian consents for this resident on a day (today): a minor or somebody with a guardian. One query at most."""
    day = on or clock.today()
    return _is_minor(person, day) or FamilyLink.objects.filter(believed(), true_on(day), resident=person, relation="guardian").exists()


def guarded(person: str, on: date | None = None) -> Q:
    """is_guarded() for a queryset: rows whose resident, reached by this field, has a guardian on a day (today)."""
    day = on or clock.today()
    links = FamilyLink.objects.filter(believed(), true_on(day), resident=OuterRef(person), relation="guardian")
    return Q(**{f"{person}__birth_date__gt": _last_of_age(day)}) | Q(Exists(links))


def _last_of_age(day: date) -> date:
    """The latest birth date of those who are of age on a day: on 28 February it may be a 29th."""
    born = add_years(day, -MAJORITY)
    after = born + timedelta(days=1)
    return after if add_years(after, MAJORITY) <= day else born


def guards(viewer: Viewer, ward: Resident) -> bool:
    """Whether the viewer is a resident who acts for this one as their guardian. One query at most."""
    if not viewer.subject or viewer.is_self(ward.uid) or not viewer.acts_for_resident(ward.uid):
        return False
    return bool(guardians_of(ward, Resident.objects.filter(uid=viewer.subject)))


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
