"""The places that a steward looks after: buildings, village groups (组), and the households in them by householder (户主)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from linli.casework.desks import inside
from linli.casework.visits.queries import area_names
from linli.casework.visits.reach import ROLE, SMALLEST, alone, covers
from linli.kernel import areas, clock
from linli.kernel.errors import Refused
from linli.kernel.viewer import Viewer
from linli.registers.bitemporal import believed, true_on
from linli.registers.models import Area, HouseholdMember, Resident, Situation

PAGE = 50


@dataclass(frozen=True, slots=True)
class Spot:
    """A building, a group, or a village with those of its people of whom no building is known. people, alone: None where not counted."""

    code: str
    name: str
    people: int | None = None
    alone: int | None = None


def spots(viewer: Viewer, within: str = "") -> list[Spot]:
    """Where people live in the viewer's areas, by code: first, of each area wider than a village, the next smaller ones, not counted.

    Three queries, and one for each wide area. LinliError where `within` is no code of an area.
    """
    today = clock.today()
    if within:
        areas.level(within)
        if not covers(viewer, within, today):
            raise _not_yours(within)
    roots = (within,) if within else viewer.areas(ROLE)
    wide = {spot.code: spot for area in roots if len(area) < SMALLEST for spot in _narrower(area, today)}
    return [*(wide[code] for code in sorted(wide)), *_counted([area for area in roots if len(area) >= SMALLEST], today)]


def _counted(roots: Sequence[str], today: date) -> list[Spot]:
    """The places of these areas, none of them wider than a village, with how many people live there and how many of them alone."""
    if not roots:
        return []
    where = Q(pk__in=())
    for area in roots:
        where |= inside("area_code", area)
    lives = Situation.objects.filter(where, believed(), true_on(today), kind="lives", resident__erased_at__isnull=True)
    counted = dict(lives.values_list("area_code").annotate(Count("id")))
    solitary = Situation.objects.filter(
        where, believed(), true_on(today), Exists(alone(today).filter(resident=OuterRef("resident"))), kind="lives"
    )
    single = dict(solitary.values_list("area_code").annotate(Count("id")))
    names = area_names(counted, today)
    return [Spot(code, names.get(code, code), counted[code], single.get(code, 0)) for code in sorted(counted)]


def _narrower(area: str, today: date) -> list[Spot]:
    """The areas one level below a wide one. One query."""
    below = {0: "county", 2: "prefecture", 4: "county", 6: "township", 9: "village"}[len(area)]
    rows = Area.objects.filter(true_on(today), inside("code", area), level=below).order_by("code")
    return [Spot(row.code, row.name) for row in rows]


def _not_yours(code: str) -> Refused:
    return Refused(
        "visits.not_your_place",
        zh="这里不由您负责",
        en="This place is not yours to look after.",
        found=code,
        remedy_zh="从“我的楼栋”进入",
        remedy_en="start from “My buildings”",
    )


@dataclass(frozen=True, slots=True)
class Home:
    """A household by its householder. members: everybody of it, the head first; alone: there is nobody else."""

    head: HouseholdMember
    members: tuple[HouseholdMember, ...]

    @property
    def others(self) -> tuple[HouseholdMember, ...]:
        """Everybody but the householder."""
        return self.members[1:]

    @property
    def alone(self) -> bool:
        """Whether the householder lives alone on record."""
        return len(self.members) == 1


@dataclass(frozen=True, slots=True)
class Street:
    """A page of a place: its homes by the householders' names, or the people of whom nobody recorded with whom they live.

    after: where the next page begins, 0 at the end.
    """

    spot: Spot
    homes: tuple[Home, ...]
    loose: tuple[Resident, ...]
    after: int


def street(viewer: Viewer, code: str, *, named: str = "", loose: bool = False, after: int = 0) -> Street:
    """Who lives in a building or group. named: part of the householder's name; after: from an earlier page. At most six queries."""
    today = clock.today()
    areas.level(code)
    if not covers(viewer, code, today):
        raise _not_yours(code)
    here = Situation.objects.filter(believed(), true_on(today), area_code=code, kind="lives")
    spot = Spot(code, area_names([code], today).get(code, code))
    if loose:
        people = list(_after(_loose(here, today, named), "", after)[: PAGE + 1])
        return Street(spot, (), tuple(people[:PAGE]), people[PAGE - 1].pk if len(people) > PAGE else 0)
    rows = HouseholdMember.objects.filter(believed(), true_on(today), role="head", kind="shared_living", resident__name__contains=named)
    rows = rows.filter(Exists(here.filter(resident=OuterRef("resident")))).select_related("resident")
    heads = list(_after(rows, "resident__", after)[: PAGE + 1])
    return Street(spot, _homes(heads[:PAGE], today), (), heads[PAGE - 1].resident_id if len(heads) > PAGE else 0)


def _loose(here: QuerySet[Situation], today: date, named: str) -> QuerySet[Resident]:
    known = HouseholdMember.objects.filter(believed(), true_on(today), resident=OuterRef("pk"), kind="shared_living")
    rows = Resident.objects.filter(Exists(here.filter(resident=OuterRef("pk"))), ~Exists(known), name__contains=named)
    return rows.filter(erased_at__isnull=True, deceased_on__isnull=True)


def _after(rows: QuerySet, prefix: str, after: int) -> QuerySet:
    """In the order of the names' letters, from behind a person on. One query more where there is one."""
    name, key = f"{prefix}name_pinyin", "resident_id" if prefix else "id"
    letters = Resident.objects.filter(pk=after).values_list("name_pinyin", flat=True).first() if after else None
    if letters is not None:
        rows = rows.filter(Q(**{f"{name}__gt": letters}) | Q(**{name: letters, f"{key}__gt": after}))
    return rows.order_by(name, key)


def _homes(heads: list[HouseholdMember], today: date) -> tuple[Home, ...]:
    found: dict[int, list[HouseholdMember]] = {head.household_id: [head] for head in heads}
    rows = HouseholdMember.objects.filter(believed(), true_on(today), household__in=found).exclude(pk__in=[head.pk for head in heads])
    for row in rows.select_related("resident").order_by("pk"):
        found[row.household_id].append(row)
    return tuple(Home(head, tuple(found[head.household_id])) for head in heads)
