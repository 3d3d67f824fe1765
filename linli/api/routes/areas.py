"""Divisions and places, as the city knows them today."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from linli.api.paging import cursor, keys_of
from linli.api.queries import not_there
from linli.api.responses import answers
from linli.api.shapes import After, AreaCode, Page
from linli.kernel import clock
from linli.registers.models import Area
from linli.registers.queries import area_on, path_of, resolve_area, subtree

router = Router(tags=["areas"])
PAGE = 200
PUBLIC_LEVELS = ("province", "prefecture", "county", "township", "village")


class AreaShape(Schema):
    """One division. code: without the zeros that the national table pads with."""

    code: str
    name: str
    level: str
    kind: str
    valid_from: date
    valid_to: date | None

    @classmethod
    def of(cls, row: Area) -> AreaShape:
        """A row of the table."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class AreaPath(AreaShape):
    """A division with everything above it, from the province down."""

    path: list[AreaShape]


class Meant(Schema):
    """What a name means here: several areas where it is ambiguous; likely: what may have been meant where it is none."""

    text: str
    areas: list[AreaShape]
    likely: list[AreaShape]


@router.get("", response=answers(Page[AreaShape]), operation_id="list_areas", auth=None)
def list_areas(request: HttpRequest, below: AreaCode = "", level: str = "", after: After = "") -> Page[AreaShape]:
    """Divisions down to the village, in code order, below and including a code. Public."""
    rows = subtree(below, clock.today()).filter(level__in=PUBLIC_LEVELS)
    if level:
        rows = rows.filter(level=level)
    if last := keys_of(after, str):
        rows = rows.filter(code__gt=last[0])
    found = list(rows[: PAGE + 1])
    more = cursor(found[PAGE - 1].code) if len(found) > PAGE else None
    return Page[AreaShape](items=[AreaShape.of(row) for row in found[:PAGE]], next=more)


@router.get("/resolve", response=answers(Meant), operation_id="resolve_area", auth=None)
def resolve(request: HttpRequest, text: Annotated[str, Query(min_length=1, max_length=60)]) -> Meant:
    """What a place name, written as people write it, means. Public."""
    found = resolve_area(text, clock.today())
    likely = [AreaShape.of(one.area) for one in found.likely]
    return Meant(text=text, areas=[AreaShape.of(area) for area in found.areas], likely=likely)


@router.get("/{code}", response=answers(AreaPath), operation_id="get_area", auth=None)
def get_area(request: HttpRequest, code: Annotated[str, Field(pattern=r"^[0-9]{2,12}$")]) -> AreaPath:
    """One division. Public."""
    day = clock.today()
    found = area_on(code, day) if len(code) in (2, 4, 6, 9, 12) else None
    if found is None:
        raise not_there()
    return AreaPath(**AreaShape.of(found).model_dump(), path=[AreaShape.of(row) for row in path_of(code, day)])
