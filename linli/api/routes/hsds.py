"""The directory of services for other systems, as the Human Services Data Specification 3.1 has it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from linli.api import hsds
from linli.api.responses import answers
from linli.kernel import clock
from linli.programmes.catalogue import load_city
from linli.registers.categories import categories
from linli.registers.queries.areas import area_on
from linli.registers.queries.places import PlaceRow, open_places

router = Router(tags=["hsds"])
T = TypeVar("T")
PER_PAGE, MOST = 100, 1000
PROFILE = "https://docs.openreferral.org/en/v3.1.0/"
Number = Annotated[int, Field(ge=1, le=1_000_000)]
Size = Annotated[int, Field(ge=1, le=MOST)]


class HsdsPage(Schema, Generic[T]):
    """A page of the specification: number from 1, and how many there are."""

    total_items: int
    total_pages: int
    page_number: int
    size: int
    first_page: bool
    last_page: bool
    empty: bool
    contents: list[T]


@router.get("", response=answers(hsds.HsdsAbout), operation_id="get_hsds", auth=None)
def about_hsds(request: HttpRequest) -> hsds.HsdsAbout:
    """Which version of the specification, and whose directory. Public."""
    city = load_city(Path(settings.LINLI_CITY))
    return hsds.HsdsAbout(
        version=hsds.VERSION,
        profile=PROFILE,
        openapi_url=request.build_absolute_uri("/api/v1/openapi.json"),
        description=f"{city.label.zh}便民服务场所和窗口 / places and service windows of {city.label.en}",
        publisher={"name": city.label.zh, "website": request.build_absolute_uri("/")},
    )


class HsdsWanted(Schema):
    """Which services: by a category, the taxonomy, who gives them, and words in the name; all that is given must hold."""

    taxonomy_term_id: UUID | None = None
    taxonomy_id: UUID | None = None
    organization_id: UUID | None = None
    search: Annotated[str, Field(max_length=60)] = ""


@router.get("/services", response=answers(HsdsPage[hsds.HsdsService]), operation_id="list_hsds_services", auth=None, exclude_none=True)
def hsds_services(
    request: HttpRequest, wanted: Query[HsdsWanted], page: Number = 1, per_page: Size = PER_PAGE, full: bool = False
) -> dict[str, object]:
    """What residents are offered today and where, by number of the place; full: with locations, hours and categories. Public."""
    there = _directory()
    found = hsds.page_of(_offered(there, wanted), page, per_page)
    return found | {"contents": [there.service(row, slug, full=full) for row, slug in found["contents"]]}


@router.get("/services/{service_id}", response=answers(hsds.HsdsService), operation_id="get_hsds_service", auth=None, exclude_none=True)
def hsds_service(request: HttpRequest, service_id: UUID) -> hsds.HsdsService:
    """A service with its location, hours and category. Public."""
    return _directory().service(*_one(service_id, lambda row, slug: hsds.of(row, f"service:{slug}")), full=True)


@router.get(
    "/service_at_locations",
    response=answers(HsdsPage[hsds.HsdsServiceThere]),
    operation_id="list_hsds_service_at_locations",
    auth=None,
    exclude_none=True,
)
def hsds_service_at_locations(
    request: HttpRequest, wanted: Query[HsdsWanted], page: Number = 1, per_page: Size = PER_PAGE, full: bool = False
) -> dict[str, object]:
    """The same services from where they are given; full: with address, telephone, hours and category. Public."""
    there = _directory()
    found = hsds.page_of(_offered(there, wanted), page, per_page)
    return found | {"contents": [there.there(row, slug, full=full) for row, slug in found["contents"]]}


@router.get(
    "/service_at_locations/{there_id}",
    response=answers(hsds.HsdsServiceThere),
    operation_id="get_hsds_service_at_location",
    auth=None,
    exclude_none=True,
)
def hsds_service_at_location(request: HttpRequest, there_id: UUID) -> hsds.HsdsServiceThere:
    """A service where it is given, with everything about both. Public."""
    return _directory().there(*_one(there_id, hsds.there_id), full=True)


@router.get(
    "/organizations",
    response=answers(HsdsPage[hsds.HsdsOrganization]),
    operation_id="list_hsds_organizations",
    auth=None,
    exclude_none=True,
)
def hsds_organizations(request: HttpRequest, page: Number = 1, per_page: Size = PER_PAGE) -> dict[str, object]:
    """Who offers it: shops and institutions, and the city for its windows. Public."""
    there = _directory()
    found = {one.id: one for one in map(there.organization, _rows())}
    return hsds.page_of(list(found.values()), page, per_page)


@router.get(
    "/organizations/{organization_id}",
    response=answers(hsds.HsdsOrganization),
    operation_id="get_hsds_organization",
    auth=None,
    exclude_none=True,
)
def hsds_organization(request: HttpRequest, organization_id: UUID) -> hsds.HsdsOrganization:
    """Who offers something, with all its locations. Public."""
    there = _directory()
    rows = [row for row in _rows() if there.organization(row).id == organization_id]
    if not rows:
        raise Http404
    locations = [there.location(row, organization_id) for row in rows]
    return there.organization(rows[0]).model_copy(update={"locations": locations})


@router.get("/taxonomies", response=answers(HsdsPage[hsds.HsdsTaxonomy]), operation_id="list_hsds_taxonomies", auth=None)
def hsds_taxonomies(request: HttpRequest, page: Number = 1, per_page: Size = PER_PAGE) -> dict[str, object]:
    """The taxonomies that categories are of: the city's own. Public."""
    return hsds.page_of([_directory().taxonomy()], page, per_page)


@router.get("/taxonomies/{taxonomy_id}", response=answers(hsds.HsdsTaxonomy), operation_id="get_hsds_taxonomy", auth=None)
def hsds_taxonomy(request: HttpRequest, taxonomy_id: UUID) -> hsds.HsdsTaxonomy:
    """A taxonomy. Public."""
    found = _directory().taxonomy()
    if found.id != taxonomy_id:
        raise Http404
    return found


@router.get("/taxonomy_terms", response=answers(HsdsPage[hsds.HsdsTaxonomyTerm]), operation_id="list_hsds_taxonomy_terms", auth=None)
def hsds_taxonomy_terms(
    request: HttpRequest, page: Number = 1, per_page: Size = PER_PAGE, taxonomy_id: UUID | None = None
) -> dict[str, object]:
    """The categories that services are sought by, in the city's order. Public."""
    there = _directory()
    mine = taxonomy_id in (None, there.taxonomy().id)
    return hsds.page_of([there.term(slug) for slug in there.known if mine], page, per_page)


@router.get("/taxonomy_terms/{term_id}", response=answers(hsds.HsdsTaxonomyTerm), operation_id="get_hsds_taxonomy_term", auth=None)
def hsds_taxonomy_term(request: HttpRequest, term_id: UUID) -> hsds.HsdsTaxonomyTerm:
    """A category. Public."""
    there = _directory()
    found = next((term for term in map(there.term, there.known) if term.id == term_id), None)
    if found is None:
        raise Http404
    return found


def _offered(there: hsds.Directory, wanted: HsdsWanted) -> list[tuple[PlaceRow, str]]:
    """Places with each of their roles, by number of the place: what all conditions together leave."""
    if wanted.taxonomy_id not in (None, there.taxonomy().id):
        return []
    terms = {slug for slug in there.known if wanted.taxonomy_term_id in (None, there.term(slug).id)}
    text = wanted.search.lower()
    rows = [row for row in _rows() if text in f"{row.name_zh} {row.name_en}".lower()]
    if wanted.organization_id is not None:
        rows = [row for row in rows if there.organization(row).id == wanted.organization_id]
    return [(row, slug) for row in rows for slug in row.roles if slug in terms]


def _one(wanted: UUID, called: Callable[[PlaceRow, str], UUID]) -> tuple[PlaceRow, str]:
    """The place and its role that is called by that id."""
    found = next(((row, slug) for row in _rows() for slug in row.roles if called(row, slug) == wanted), None)
    if found is None:
        raise Http404
    return found


def _rows() -> tuple[PlaceRow, ...]:
    return open_places(clock.today()).rows


def _directory() -> hsds.Directory:
    city = Path(settings.LINLI_CITY)
    declared = load_city(city)
    province = area_on(declared.area[:2], clock.today())
    return hsds.Directory(declared, province.name if province else "", categories(city))
