"""Whose door is whose: the areas that a steward (楼栋管家) or grid worker (网格员) looks after, and who lives there today."""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from linli.casework.desks import inside
from linli.kernel import areas
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.registers.bitemporal import believed, true_on
from linli.registers.models import Area, HouseholdMember, Resident, Situation
from linli.registers.queries import buildings_of

ROLE = "steward"
SMALLEST = 12  # digits of a village's or community's code: what has fewer is too wide to be walked


def walked(viewer: Viewer) -> tuple[str, ...]:
    """The viewer's areas that can be walked: villages, communities, and what is below them."""
    return tuple(area for area in viewer.areas(ROLE) if len(area) >= SMALLEST)


@dataclass(frozen=True, slots=True)
class Round:
    """Where a day's regular calls are looked for. areas: prefixes; turn: the names of the villages whose turn it is, () where the
    viewer's areas can all be walked; villages: how many there are to take turns."""

    areas: tuple[str, ...]
    turn: tuple[str, ...] = ()
    villages: int = 0


def round_of(viewer: Viewer, on: date, most: int) -> Round:
    """What can be walked, and of wider areas at most so many villages, which change from day to day until each had its turn.

    So what a day reads is a few villages' people, however wide the grant. One query for wide areas, none otherwise.
    """
    near = walked(viewer)
    wide = [inside("code", area) for area in viewer.areas(ROLE) if len(area) < SMALLEST]
    if not wide:
        return Round(near)
    where = functools.reduce(operator.or_, wide)
    rows = list(Area.objects.filter(where, true_on(on), level="village").order_by("code").values_list("code", "name"))
    start = on.toordinal() * most % len(rows) if rows else 0
    turn = (rows[start:] + rows[:start])[:most]
    return Round((*near, *(code for code, _name in turn)), tuple(name for _code, name in turn), len(rows))


def covers(viewer: Viewer, code: str, on: date) -> bool:
    """Whether a place is the viewer's to look after; a grid's are the buildings and groups that are in it. One query for each grid."""
    return any(
        areas.contains(area, code) or (area[SMALLEST : SMALLEST + 1] == "G" and code in buildings_of(area, on))
        for area in viewer.areas(ROLE)
    )


def living(prefixes: tuple[str, ...], on: date, person: str = "pk") -> Exists:
    """The condition that somebody lives in one of the areas on a day. person: where the row has the resident's key."""
    where = Q() if "" in prefixes else Q(pk__in=())
    for area in prefixes:
        where |= inside("area_code", area)
    return Exists(Situation.objects.filter(where, believed(), true_on(on), resident=OuterRef(person), kind="lives"))


def neighbour(viewer: Viewer, uid: UUID, on: date) -> tuple[Resident, str]:
    """Somebody who lives in the viewer's area, and where. Refused otherwise, whether or not there is such a person. Two queries."""
    found = Resident.objects.filter(living(viewer.areas(ROLE), on), uid=uid, erased_at__isnull=True).first()
    if found is None:
        raise Refused(
            "visits.not_yours",
            zh="这位居民不住在您负责的楼栋或网格",
            en="This resident doesn't live in your buildings or grid.",
            found=str(uid),
            remedy_zh="如果已经搬走，请告诉社区（村）更新居住地",
            remedy_en="if they have moved, tell the community or village so that the address is put right",
        )
    if found.deceased_on is not None:
        raise LinliError(
            "visits.deceased",
            zh="登记显示这位居民已经去世",
            en="The register says that this resident has died.",
            found=str(found.deceased_on),
            remedy_zh="如果登记有误，请告诉社区（村）更正",
            remedy_en="if that is wrong, tell the community or village so that it is put right",
        )
    return found, home(found, on)


def home(resident: Resident, on: date) -> str:
    """Where somebody lives on a day, "" if nobody knows. One query."""
    rows = Situation.objects.filter(believed(), true_on(on), resident=resident, kind="lives")
    return rows.values_list("area_code", flat=True).first() or ""


def alone(on: date) -> QuerySet[HouseholdMember]:
    """Who lives alone on a day, by declared rule: in a household of people living together, whole on record, with no other member.

    Whose household nobody has recorded is not alone and not in company: nobody knows.
    """
    others = HouseholdMember.objects.filter(believed(), true_on(on), household=OuterRef("household")).exclude(pk=OuterRef("pk"))
    rows = HouseholdMember.objects.filter(believed(), true_on(on), ~Exists(others), kind="shared_living")
    return rows.filter(household__members_lost__isnull=True, resident__erased_at__isnull=True, resident__deceased_on__isnull=True)
