"""The directory of services as the Human Services Data Specification 3.1 shapes it: service windows and places that serve residents.

A place is an organization with a location; each of its roles is a service at it. A service window is a service of the city. Ids are UUIDs
of version 5 over the register's own, so that the same thing has the same id whenever it is asked for. What a register doesn't know is
left out; nothing of a person is in here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from ninja import Schema

from linli.kernel.hours import Hours, dates_lines, hours_lines, read_hours
from linli.programmes.catalogue import City
from linli.registers.categories import GROUPS, Category
from linli.registers.queries.places import WINDOW, PlaceRow

VERSION = "3.1"
NAMESPACE = uuid5(NAMESPACE_URL, "linli:hsds")
ZONE, ZONE_HOURS = "+08:00", 8
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_LAST = 24 * 60


class HsdsPhone(Schema):
    """A telephone number."""

    id: UUID
    location_id: UUID
    number: str
    type: str = "voice"


class HsdsSchedule(Schema):
    """When a service is open on some days of every week, after RFC 5545. notes: what holds on public holidays and single days, in words."""

    id: UUID
    service_at_location_id: UUID
    freq: str = "WEEKLY"
    wkst: str = "MO"
    byday: str
    opens_at: str
    closes_at: str
    timezone: int = ZONE_HOURS
    description: str
    notes: str | None = None


class HsdsAddress(Schema):
    """Where it is in words. postal_code: "" where the register has none."""

    id: UUID
    location_id: UUID
    address_1: str
    city: str
    state_province: str
    postal_code: str = ""
    country: str = "CN"
    address_type: str = "physical"


class HsdsLocation(Schema):
    """A place on the ground, WGS-84."""

    id: UUID
    location_type: str = "physical"
    organization_id: UUID
    name: str
    alternate_name: str | None = None
    latitude: float
    longitude: float
    external_identifier: str
    external_identifier_type: str = "linli"
    addresses: list[HsdsAddress] | None = None
    phones: list[HsdsPhone] | None = None


class HsdsServiceAtLocation(Schema):
    """A service where it is given."""

    id: UUID
    service_id: UUID
    location_id: UUID
    location: HsdsLocation | None = None
    schedules: list[HsdsSchedule] | None = None


class HsdsTaxonomy(Schema):
    """The city's categories of places as a whole."""

    id: UUID
    name: str
    description: str


class HsdsTaxonomyTerm(Schema):
    """A category of the city's places."""

    id: UUID
    code: str
    name: str
    description: str
    taxonomy: str
    taxonomy_id: UUID
    language: str = "zho"


class HsdsAttribute(Schema):
    """Which category a service is of."""

    id: UUID
    link_id: UUID
    link_entity: str = "service"
    link_type: str = "category"
    taxonomy_term_id: UUID
    taxonomy_term: HsdsTaxonomyTerm


class HsdsOrganization(Schema):
    """Who gives a service: the shop or institution, or for windows the city."""

    id: UUID
    name: str
    alternate_name: str | None = None
    description: str
    locations: list[HsdsLocation] | None = None


class HsdsService(Schema):
    """What is given. capacity is in the words of the description."""

    id: UUID
    organization_id: UUID
    name: str
    alternate_name: str | None = None
    description: str
    status: str = "active"
    organization: HsdsOrganization
    service_at_locations: list[HsdsServiceAtLocation] | None = None
    attributes: list[HsdsAttribute] | None = None


class HsdsServiceThere(HsdsServiceAtLocation):
    """A service where it is given, with the service itself."""

    service: HsdsService


class HsdsAbout(Schema):
    """Which specification this follows, and whose directory it is."""

    version: str
    profile: str
    openapi_url: str
    description: str
    publisher: dict[str, str]


@dataclass(frozen=True, slots=True)
class Directory:
    """What is needed to shape a row. city: its own words; province: of its addresses; known: its categories."""

    city: City
    province: str
    known: Mapping[str, Category]

    def service(self, row: PlaceRow, slug: str, *, full: bool) -> HsdsService:
        """What a place gives as one of its roles; full: with its location, hours and category."""
        organization, uid = self.organization(row), of(row, f"service:{slug}")
        label, capacity = self.known[slug].label, row.roles[slug]
        takes = ("", "") if capacity is None else (f"（{capacity}）", f" ({capacity})")
        return HsdsService(
            id=uid,
            organization_id=organization.id,
            name=row.name_zh if len(row.roles) == 1 else f"{row.name_zh}（{label.zh}）",
            alternate_name=row.name_en or None,
            description=f"{label.zh}{takes[0]} / {label.en}{takes[1]}",
            organization=organization,
            service_at_locations=[self._at(row, uid, organization.id)] if full else None,
            attributes=[self._attribute(uid, slug)] if full else None,
        )

    def there(self, row: PlaceRow, slug: str, *, full: bool) -> HsdsServiceThere:
        """The same from the side of where it is given; full: with address, telephone, hours and category."""
        service = self.service(row, slug, full=False)
        at = self._at(row, service.id, service.organization_id)
        if full:
            service.attributes = [self._attribute(service.id, slug)]
        else:
            at.schedules, at.location = None, at.location and at.location.model_copy(update={"addresses": None, "phones": None})
        return HsdsServiceThere(**at.model_dump(), service=service)

    def organization(self, row: PlaceRow) -> HsdsOrganization:
        """Who gives the services of a place."""
        if WINDOW in row.roles:
            label = self.city.label
            return HsdsOrganization(
                id=uuid5(NAMESPACE, f"city:{self.city.slug}"), name=label.zh, alternate_name=label.en, description=label.en
            )
        kinds = "、".join(self.known[slug].label.zh for slug in row.roles)
        return HsdsOrganization(id=of(row, "organization"), name=row.name_zh, alternate_name=row.name_en or None, description=kinds)

    def _at(self, row: PlaceRow, service: UUID, organization: UUID) -> HsdsServiceAtLocation:
        uid, location = _at_id(service), self.location(row, organization)
        return HsdsServiceAtLocation(
            id=uid, service_id=service, location_id=location.id, location=location, schedules=list(schedules(row, uid)) or None
        )

    def location(self, row: PlaceRow, organization: UUID) -> HsdsLocation:
        """Where a place is."""
        uid = of(row, "location")
        where = HsdsAddress(
            id=of(row, "address"), location_id=uid, address_1=row.address, city=self.city.label.zh, state_province=self.province
        )
        return HsdsLocation(
            id=uid,
            organization_id=organization,
            name=row.name_zh,
            alternate_name=row.name_en or None,
            latitude=row.lat,
            longitude=row.lon,
            external_identifier=row.code,
            addresses=[where] if row.address else None,
            phones=[HsdsPhone(id=of(row, "phone"), location_id=uid, number=row.phone)] if row.phone and row.kind != "stall" else None,
        )

    def _attribute(self, service: UUID, slug: str) -> HsdsAttribute:
        term = self.term(slug)
        return HsdsAttribute(id=uuid5(service, f"term:{slug}"), link_id=service, taxonomy_term_id=term.id, taxonomy_term=term)

    def taxonomy(self) -> HsdsTaxonomy:
        """The city's own taxonomy, the only one that its services have terms of."""
        label = self.city.label
        return HsdsTaxonomy(
            id=uuid5(NAMESPACE, f"taxonomy:{self.city.slug}"),
            name=f"{label.zh}场所类别",
            description=f"{label.zh}便民服务场所和窗口的类别 / categories of places and service windows of {label.en}",
        )

    def term(self, slug: str) -> HsdsTaxonomyTerm:
        """A category as a term of the city's own taxonomy."""
        one, whole = self.known[slug], self.taxonomy()
        return HsdsTaxonomyTerm(
            id=uuid5(NAMESPACE, f"term:{slug}"),
            code=slug,
            name=one.label.zh,
            description=f"{GROUPS[one.group].zh} / {one.label.en}",
            taxonomy=whole.name,
            taxonomy_id=whole.id,
        )


def of(row: PlaceRow, what: str) -> UUID:
    """The id of something that belongs to a place."""
    return uuid5(UUID(row.uid), what)


def there_id(row: PlaceRow, slug: str) -> UUID:
    """The id of one of a place's services where it is given."""
    return _at_id(of(row, f"service:{slug}"))


def _at_id(service: UUID) -> UUID:
    return uuid5(service, "at")


def schedules(row: PlaceRow, at: UUID) -> Iterator[HsdsSchedule]:
    """A week's hours, a row for each span of hours with the days that have it; none where nobody has said."""
    if not row.hours:
        return
    hours = read_hours(row.hours, row.dates)
    words = "；".join(hours_lines(hours, chinese=True))
    notes = _notes(hours)
    spans: dict[tuple[int, int], list[str]] = {}
    for day, own in zip(_DAYS, hours.week, strict=True):
        for span in own:
            spans.setdefault(span, []).append(day)
    for (start, end), days in sorted(spans.items()):
        yield HsdsSchedule(
            id=uuid5(at, f"{start}-{end}"),
            service_at_location_id=at,
            byday=",".join(days),
            opens_at=_clock(start),
            closes_at=_clock(min(end, _LAST - 1)),
            description=words,
            notes=notes,
        )


def _notes(hours: Hours) -> str | None:
    days = dates_lines(hours, chinese=True)
    return "；".join(days) if days else None


def _clock(minute: int) -> str:
    """09:30+08:00. The end of a day is its last minute: there is no 24:00 in RFC 3339."""
    return f"{minute // 60:02d}:{minute % 60:02d}{ZONE}"


def page_of(items: Sequence[Any], number: int, size: int) -> dict[str, Any]:
    """A page as the specification wraps it; number counts from 1."""
    pages = max(1, -(-len(items) // size))
    shown = items[(number - 1) * size : number * size]
    return {
        "total_items": len(items),
        "total_pages": pages,
        "page_number": number,
        "size": len(shown),
        "first_page": number == 1,
        "last_page": number >= pages,
        "empty": not shown,
        "contents": shown,
    }
