"""Reading residents: what the viewer's grants cover and nothing else; sensitive fields only with a purpose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from linli import vault
from linli.kernel import areas, clock
from linli.kernel.compiled import compiled
from linli.kernel.errors import Refused
from linli.kernel.viewer import Viewer
from linli.registers.bitemporal import believed, true_on
from linli.registers.models import BuildingGrid, FamilyLink, HouseholdMember, Resident, Situation
from linli.registers.queries.areas import under
from linli.vault.acts import as_uuid

READERS = ("officer", "clerk", "steward")
PAGE = 50


def resident_with(uid: UUID) -> Resident | None:
    """Whoever bears a uid, erased or not: for a caller who was already shown something that is about them. One query."""
    return _bearing.first(uid)


@compiled
def _bearing(uid: UUID) -> QuerySet[Resident]:
    return Resident.objects.filter(uid=uid)


def residents(viewer: Viewer, *, programme: str = "", on: date | None = None) -> QuerySet[Resident]:
    """People who are registered or live, on a day (today), where the viewer is officer, clerk or steward. Erased people are no one's."""
    rows = Resident.objects.filter(erased_at__isnull=True)
    day = on or clock.today()
    granted = {area for role in READERS for area in viewer.areas(role, programme)}
    if "" in granted:
        return rows
    return rows.filter(living_in(granted, day))


def living_in(prefixes: Iterable[str], on: date | None = None, *, person: str = "pk") -> Exists:
    """The condition on residents that they are registered or live in one of the areas on a day (today). person: the column that
    names the resident, on rows of something else."""
    day = on or clock.today()
    where = Q(pk__in=())
    for area in prefixes:
        where |= _inside(area, day)
    return Exists(Situation.objects.filter(where, believed(), true_on(day), resident=OuterRef(person), kind__in=("registered", "lives")))


def _inside(area: str, on: date) -> Q:
    """Situations inside an area; a grid's are those of the buildings and groups that are in it on the day."""
    if areas.level(area) != "grid":
        return under(area)
    placed = BuildingGrid.objects.filter(true_on(on), grid_code=area).values("building_code")
    return Q(area_code=area) | Q(area_code__in=placed)


@dataclass(frozen=True, slots=True)
class ResidentPage:
    """A person with what is believed of them on a day. revealed: plaintexts of the sensitive fields asked for."""

    resident: Resident
    revealed: dict[str, str]
    situations: tuple[Situation, ...]
    memberships: tuple[HouseholdMember, ...]
    links: tuple[FamilyLink, ...]


def resident_page(
    viewer: Viewer, uid: UUID | str, *, purpose: str, fields: tuple[str, ...] = ("identity", "phone"), on: date | None = None
) -> ResidentPage:
    """A person's page for a stated purpose; the read of the sensitive fields is listed to the person. Seven queries.

    Refused where no grant covers the person. fields: identity, phone, account, address.
    """
    day = on or clock.today()
    found = visible_resident(viewer, uid, on=day)
    revealed = vault.reveal(viewer, purpose=purpose, subject=found.uid, fields={name: getattr(found, f"{name}_cipher") for name in fields})
    return ResidentPage(found, revealed, situations_of(found, day), tuple(household_members(found, day)), links_of(found, day))


def visible_resident(viewer: Viewer, uid: UUID | str, *, on: date | None = None) -> Resident:
    """A person whom one of the viewer's grants covers; Refused otherwise, whether or not there is such a person. One query."""
    found = residents(viewer, on=on).filter(uid=as_uuid(uid)).first()
    if found is None:
        raise _not_visible(uid)
    return found


def _not_visible(uid: UUID | str) -> Refused:
    return Refused(
        "registers.not_visible",
        zh="您的授权范围不包括这位居民",
        en="Your grants do not cover this resident.",
        found=str(uid),
        remedy_zh="由居民所在地的工作人员办理",
        remedy_en="ask a colleague of the area where the person lives or is registered",
    )


def situations_of(resident: Resident, on: date, known_at: datetime | None = None) -> tuple[Situation, ...]:
    """The person's situations on a day, as believed now or at an instant."""
    return tuple(Situation.objects.filter(believed(known_at), true_on(on), resident=resident).order_by("kind"))


def household_members(resident: Resident, on: date, known_at: datetime | None = None) -> QuerySet[HouseholdMember]:
    """Every membership of the households the person is in on a day, themself included, by kind of household."""
    own = HouseholdMember.objects.filter(believed(known_at), true_on(on), resident=resident).values("household_id")
    members = HouseholdMember.objects.filter(believed(known_at), true_on(on), household_id__in=own)
    return members.select_related("household", "resident").order_by("kind", "id")


def links_of(resident: Resident, on: date, known_at: datetime | None = None) -> tuple[FamilyLink, ...]:
    """The person's relatives, guardians and wards on a day."""
    rows = FamilyLink.objects.filter(believed(known_at), true_on(on), resident=resident)
    return tuple(rows.select_related("relative").order_by("relation", "id"))
