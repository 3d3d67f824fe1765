"""The directory of services for other systems, as the Human Services Data Specification 3.1 has it."""

from __future__ import annotations

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


@router.get("/services", response=answers(HsdsPage[hsds.HsdsService]), operation_id="list_hsds_services", auth=None, exclude_none=True)
def hsds_services(
    request: HttpRequest,
    page: Number = 1,
    per_page: Size = PER_PAGE,
    full: bool = False,
    taxonomy_term_id: UUID | None = None,
    organization_id: UUID | None = None,
    search: Annotated[str, Query(max_length=60)] = "",
) -> dict[str, object]:
    """What residents are offered today and where, by number of the place; full: with locations, hours and categories. Public."""
    there = _directory()
    terms = {slug for slug in there.known if taxonomy_term_id in (None, there.term(slug).id)}
    wanted = [(row, slug) for row in _rows() for slug in row.roles if slug in terms and _searched(row, search)]
    if organization_id is not None:
        wanted = [(row, slug) for row, slug in wanted if there.organization(row).id == organization_id]
    found = hsds.page_of(wanted, page, per_page)
    return found | {"contents": [there.service(row, slug, full=full) for row, slug in found["contents"]]}


@router.get("/services/{service_id}", response=answers(hsds.HsdsService), operation_id="get_hsds_service", auth=None, exclude_none=True)
def hsds_service(request: HttpRequest, service_id: UUID) -> hsds.HsdsService:
    """A service with its location, hours and category. Public."""
    there = _directory()
    found = next(((row, slug) for row in _rows() for slug in row.roles if hsds.of(row, f"service:{slug}") == service_id), None)
    if found is None:
        raise Http404
    return there.service(*found, full=True)


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


def _searched(row: PlaceRow, text: str) -> bool:
    return text.lower() in f"{row.name_zh} {row.name_en}".lower()


def _rows() -> tuple[PlaceRow, ...]:
    return open_places(clock.today()).rows


def _directory() -> hsds.Directory:
    city = Path(settings.LINLI_CITY)
    declared = load_city(city)
    province = area_on(declared.area[:2], clock.today())
    return hsds.Directory(declared, province.name if province else "", categories(city))
