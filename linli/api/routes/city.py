"""The city's figures as they were last counted: what became of each programme, why people are undecided, how each list stands."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from linli.api.authority import Bearer, viewer_of
from linli.api.responses import answers
from linli.api.shapes import Page, Slug, Text
from linli.insight import lists, queries
from linli.insight.models import Count
from linli.insight.queries import READERS, Figures

router = Router(tags=["city"])
T = TypeVar("T")
CountyCode = Annotated[str, Field(pattern=r"^([0-9]{6})?$", max_length=6)]
Programme = Annotated[str, Field(pattern=r"^[a-z0-9-]*$", max_length=60)]


class Counted(Page[T], Generic[T]):
    """Figures with when they were counted and for which day; null: never yet."""

    counted_at: datetime | None
    day: date | None


class TakeUpShape(Schema):
    """Counts of subjects. found: eligible now; of them: invited (told by a letter), reached (it went out or was opened), taken (has the
    benefit; null where nobody's benefit is on record); entitled: of whom taken is a part, the found and whoever has it on papers while
    undecided; null while the programme was never screened over the whole city; amount in fen of the found."""

    programme: str
    county: str
    found: int
    invited: int
    reached: int
    entitled: int | None
    taken: int | None
    undecided: int
    amount_fen: int


class GapReason(Schema):
    """Why a fact is lacking, and where. reason: never, partly, stale, each, silent (of its list), register or programme."""

    reason: str
    counties: list[str]


Reasons = list[GapReason]


class GapShape(Schema):
    """A fact that so many undecided subjects of a programme lack. list: what would say it, "" for the population register and the
    programme's own table."""

    programme: str
    fact: str
    list: str
    number: int
    reasons: Reasons


class CountyStanding(Schema):
    """A list in one county. colour: red, yellow, green or "" (asked for each person); the figures are null where none were counted."""

    county: str
    reason: str
    colour: str
    as_of: date | None
    fresh_until: date | None
    records: int | None
    doubtful: int | None
    wrong: int | None
    disputed: int | None
    corrected: int | None
    kept: int | None


class ListStanding(Schema):
    """How a list stands. rows, errors, unknown: of the deliveries in force that speak of no place beyond one's counties; null: none."""

    slug: str
    name: Text
    owner: Text
    colour: str
    age_days: int | None
    rows: int | None
    errors: int | None
    unknown: int | None
    counties: list[CountyStanding]


@router.get("/programmes", response=answers(Counted[TakeUpShape]), operation_id="list_take_up", auth=Bearer(*READERS))
def take_up(request: HttpRequest, county: CountyCode = "") -> Counted[TakeUpShape]:
    """Take-up of every programme inside one's areas, or in one county of them."""
    viewer = viewer_of(request)
    count = queries.counted(viewer)
    rows = queries.by_programme(viewer, county=county)
    return _counted(count, [_figures(one, one.key, county, count) for one in rows])


@router.get("/programmes/{slug}", response=answers(Counted[TakeUpShape]), operation_id="list_take_up_by_county", auth=Bearer(*READERS))
def take_up_by_county(request: HttpRequest, slug: Slug) -> Counted[TakeUpShape]:
    """Take-up of one programme, county by county, inside one's areas."""
    viewer = viewer_of(request)
    count = queries.counted(viewer)
    return _counted(count, [_figures(one, slug, one.key, count) for one in queries.by_county(viewer, slug)])


@router.get("/undecided", response=answers(Counted[GapShape]), operation_id="list_gaps", auth=Bearer(*READERS))
def gaps(request: HttpRequest, programme: Programme = "", county: CountyCode = "") -> Counted[GapShape]:
    """Why people are undecided: which facts they lack and why, by programme, the most frequent first. One may lack several."""
    viewer = viewer_of(request)
    rows = queries.lacking(viewer, programme=programme, county=county)
    return _counted(queries.counted(viewer), [_gap(one) for one in rows])


@router.get("/lists", response=answers(Counted[ListStanding]), operation_id="list_standings", auth=Bearer(*READERS))
def standings(request: HttpRequest) -> Counted[ListStanding]:
    """How good each list is, county by county: its age is of now, its figures are as they were counted. Needs a county or more."""
    viewer = viewer_of(request)
    found = [_standing(one) for one in lists.standings(viewer)]
    return _counted(queries.counted(viewer), found)


def _counted(count: Count | None, items: list[T]) -> Counted[T]:
    return Counted(items=items, counted_at=count.made_at if count else None, day=count.day if count else None)


def _figures(one: Figures, programme: str, county: str, count: Count | None) -> TakeUpShape:
    same = {name: getattr(one, name) for name in ("found", "invited", "reached", "undecided", "amount_fen")}
    recorded = count is not None and programme in count.recorded
    entitled = one.entitled if count is not None and programme in count.screened else None
    return TakeUpShape(programme=programme, county=county, taken=one.taken if recorded else None, entitled=entitled, **same)


def _gap(one: queries.Lacking) -> GapShape:
    reasons = [GapReason(reason=reason, counties=list(counties)) for reason, counties in one.reasons]
    return GapShape(programme=one.programme, fact=one.fact, list=one.list_slug, number=one.number, reasons=reasons)


def _standing(one: lists.Standing) -> ListStanding:
    declared = one.declaration
    return ListStanding(
        slug=declared.slug,
        name=Text(zh=declared.zh, en=declared.en),
        owner=Text(zh=declared.owner_zh, en=declared.owner_en),
        counties=[_of_county(one, fresh) for fresh in one.counties],
        **{name: getattr(one, name) for name in ("colour", "age_days", "rows", "errors", "unknown")},
    )


def _of_county(one: lists.Standing, fresh: lists.Freshness) -> CountyStanding:
    counted = one.figures.get(fresh.county, {})
    figures: dict[str, Any] = {name: counted.get(name) for name in ("records", "doubtful", "wrong", "disputed", "corrected", "kept")}
    same = {name: getattr(fresh, name) for name in ("county", "reason", "colour", "as_of", "fresh_until")}
    return CountyStanding(**same, **figures)
