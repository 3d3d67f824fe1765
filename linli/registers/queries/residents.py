"""Reading residents: what the viewer's grants cover and nothing else; sensitive fields only with a purpose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Replace

from linli import vault
from linli.kernel import areas, clock
from linli.kernel.errors import LinliError, Place, Refused
from linli.kernel.viewer import Viewer
from linli.registers.acts.guards import resident_of
from linli.registers.bitemporal import believed, true_on
from linli.registers.models import BuildingGrid, FamilyLink, HouseholdMember, Resident, Situation
from linli.registers.names import bigrams, is_han, tidy
from linli.registers.queries.areas import under

READERS = ("officer", "clerk", "steward")
PAGE = 50


def residents(viewer: Viewer, *, programme: str = "", on: date | None = None) -> QuerySet[Resident]:
    """People who are registered or live, on a day (today), where the viewer is officer, clerk or steward. Erased people are no one's."""
    rows = Resident.objects.filter(erased_at__isnull=True)
    day = on or clock.today()
    granted = {area for role in READERS for area in viewer.areas(role, programme)}
    if "" in granted:
        return rows
    where = Q(pk__in=())
    for area in granted:
        where |= _inside(area, day)
    here = Situation.objects.filter(where, believed(), true_on(day), resident=OuterRef("pk"), kind__in=("registered", "lives"))
    return rows.filter(Exists(here))


def _inside(area: str, on: date) -> Q:
    """Situations inside an area; a grid's are those of the buildings and groups that are in it on the day."""
    if areas.level(area) != "grid":
        return under(area)
    placed = BuildingGrid.objects.filter(true_on(on), grid_code=area).values("building_code")
    return Q(area_code=area) | Q(area_code__in=placed)


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search. after: hand it back for the next page, None at the end."""

    residents: tuple[Resident, ...]
    after: tuple[str, int] | None


def search_residents(viewer: Viewer, text: str, *, after: tuple[str, int] | None = None, limit: int = PAGE) -> Found:
    """Residents by name, part of a name (two characters or more), pinyin, initials, or a whole identity or phone number.

    Sorted by pinyin, page by keyset. An identity or phone number is compared through its blind index.
    """
    unspaced = Replace("name_pinyin", Value(" "), Value(""))
    rows = residents(viewer).alias(unspaced=unspaced).filter(_matching(text)).order_by("name_pinyin", "id")
    if after is not None:
        rows = rows.filter(Q(name_pinyin__gt=after[0]) | Q(name_pinyin=after[0], id__gt=after[1]))
    page = list(rows[: limit + 1])
    more = len(page) > limit
    shown = tuple(page[:limit])
    return Found(shown, (shown[-1].name_pinyin, shown[-1].pk) if more else None)


def _matching(text: str) -> Q:
    wanted = tidy(text.strip())
    if any(is_han(letter) for letter in wanted):
        return _name_part(wanted)
    compact = "".join(wanted.split())
    if len(compact) == 18:
        return Q(identity_blind__in=vault.blinds("identity", compact))
    if compact.lstrip("+").isdigit() and len(compact) >= 7:
        return Q(phone_blind__in=vault.blinds("phone", compact))
    if compact.isascii() and compact.isalpha():
        return _romanised(wanted.lower(), compact.lower())
    raise _too_little(text)


def _name_part(wanted: str) -> Q:
    if len(wanted) < 2:
        raise _too_little(wanted)
    found = Q(name_bigrams__contains=list(bigrams(wanted)))
    # Pairs alone would also find their letters in another order.
    return found & Q(name__contains=wanted) if len(wanted) > 2 else found


def _romanised(wanted: str, compact: str) -> Q:
    """Pinyin with or without spaces, or initials. The first letters narrow what is compared without its spaces."""
    first = compact[:1] if compact[0] in "aeo" else compact[:2]
    return (
        _prefix("name_pinyin", wanted)
        | _prefix("name_initials", compact)
        | (_prefix("name_pinyin", first) & Q(unspaced__startswith=compact))
    )


def _prefix(column: str, text: str) -> Q:
    return Q(**{f"{column}__gte": text, f"{column}__lt": areas.next_prefix(text)})


def _too_little(text: str) -> LinliError:
    return LinliError(
        "registers.search_too_short",
        zh="检索内容太短或无法识别",
        en="Too little to search by.",
        place=Place(field="search"),
        expected="two characters of a name, pinyin, initials, an identity number or a phone number",
        found=f"{len(text)} characters",
        remedy_zh="多输入几个字",
        remedy_en="type a little more",
    )


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
    found = residents(viewer, on=day).filter(uid=resident_of(uid).uid).first()
    if found is None:
        raise _not_visible(uid)
    revealed = vault.reveal(viewer, purpose=purpose, subject=found.uid, fields={name: getattr(found, f"{name}_cipher") for name in fields})
    return ResidentPage(found, revealed, situations_of(found, day), tuple(household_members(found, day)), links_of(found, day))


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
