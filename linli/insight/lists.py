"""How good the lists are: their age against the refresh that each declares, wrong and unmatched rows, doubts, disputes, by county."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from linli.casework.desks import departments_of, inside, workable
from linli.casework.kinds import FACT_DISPUTE
from linli.casework.models import Task
from linli.insight.counting import Delivered, state_of
from linli.insight.models import ListFigure
from linli.insight.queries import READERS
from linli.kernel import clock
from linli.kernel.areas import contains
from linli.kernel.errors import Refused
from linli.kernel.viewer import Viewer
from linli.registers.bitemporal import true_on
from linli.registers.imports import waiting
from linli.registers.lists import ListDeclaration, find_list, load_lists
from linli.registers.models import Area, Doubtful, ListImport
from linli.screening import queries as screenings

PAGE = 50
COUNTY = 6
COLOURS = ("red", "yellow", "green", "")
"""Worst first; "" where no delivery is expected because people are asked about one by one."""
_COUNTED = ("records", "doubtful", "wrong", "disputed", "corrected", "kept")


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old a list is in one county, or in a smaller place that somebody delivers for.

    reason: as Gap.reason, "silent" being in order; as_of: of the delivery that speaks of it.
    """

    county: str
    reason: str
    colour: str
    as_of: date | None
    fresh_until: date | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a list stands in the counties that the viewer sees.

    rows, errors, unknown: of the deliveries in force that speak of no place beyond those counties (None: there is none). One that a
    later whole delivery covers is in force no more. figures: by county as in ListFigure.
    """

    declaration: ListDeclaration
    counties: tuple[Freshness, ...]
    newest: ListImport | None
    rows: int | None
    errors: int | None
    unknown: int | None
    figures: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def colour(self) -> str:
        """The worst of the counties'."""
        return self.worst.colour

    @property
    def worst(self) -> Freshness:
        """Of the county that stands worst: by colour, then the longest out of date."""
        worst_first = sorted(self.counties, key=lambda one: (COLOURS.index(one.colour), one.fresh_until or date.min))
        return worst_first[0] if worst_first else Freshness("", "never", "red", None, None)

    @property
    def is_fresh(self) -> bool:
        """Whether absence from it means something today everywhere in these counties."""
        return bool(self.counties) and all(one.reason == "silent" for one in self.counties)

    @property
    def age_days(self) -> int | None:
        """Days since the day that the newest delivery speaks of."""
        return (clock.today() - self.newest.as_of).days if self.newest else None

    def per_mille(self, name: str) -> int | None:
        """Rows with errors ("errors") or about unknown people ("unknown"), in thousandths of the rows."""
        part: int | None = getattr(self, name)
        return round(1000 * part / self.rows) if part is not None and self.rows else None

    def total(self, name: str) -> int:
        """A figure over all the counties."""
        return sum(one[name] for one in self.figures.values())


@dataclass(frozen=True, slots=True)
class Own:
    """How a list stands where somebody delivers it. opens: the newest delivery is theirs to open; doubtful: rows that they settle."""

    standing: Standing
    opens: bool
    doubtful: int


def reach_of(viewer: Viewer, roles: Iterable[str] = READERS) -> tuple[str, ...]:
    """The areas of a county or more in which the viewer sees how lists stand; Refused where there is none."""
    areas = {area for role in roles for area in viewer.areas(role) if len(area) <= COUNTY}
    if not areas:
        raise Refused(
            "insight.lists_not_granted",
            zh="您没有查看名单质量的权限",
            en="You have no grant to see how the lists stand.",
            expected="officer, auditor or planner over a county or more, for all programmes",
            expected_zh="县（市、区）以上、全部政策的经办、审计或规划权限",
            remedy_zh="请管理员授权",
            remedy_en="ask an administrator for the grant",
        )
    return ("",) if "" in areas else tuple(sorted(areas))


def standings(viewer: Viewer) -> list[Standing]:
    """Every list of the city by slug. Three queries."""
    reach = reach_of(viewer)
    counties, held, figures = _counties(reach), _deliveries(), _figures(reach)
    lists = load_lists(Path(settings.LINLI_CITY))
    return [_standing(one, counties, held.get(slug, []), figures.get(slug, {}), reach) for slug, one in sorted(lists.items())]


def standing(viewer: Viewer, slug: str) -> Standing:
    """One list; LinliError where there is none of that slug. Three queries."""
    find_list(load_lists(Path(settings.LINLI_CITY)), slug)
    return next(one for one in standings(viewer) if one.declaration.slug == slug)


def own(viewer: Viewer) -> list[Own]:
    """Every list that touches the viewer's areas as officer, of whatever size, by slug; Refused where there is none. Three queries.

    The colour is the city pages', of these areas; figures of whole counties are not told.
    """
    reach = viewer.areas("officer")
    if not reach:
        viewer.require("officer")
    places, held = _places(reach), _deliveries()
    doubts = dict(waiting(viewer).order_by().values_list("list_slug").annotate(Count("id")))
    found = []
    for slug, one in sorted(load_lists(Path(settings.LINLI_CITY)).items()):
        if any(contains(area, one.area) or contains(one.area, area) for area in reach):
            stands = _standing(one, places, held.get(slug, []), {}, reach)
            opens = stands.newest is not None and any(contains(area, stands.newest.area_code) for area in reach)
            found.append(Own(stands, opens, doubts.get(slug, 0)))
    return found


def _places(reach: tuple[str, ...]) -> list[str]:
    """The counties of these areas, and those of the areas that are smaller than a county."""
    wide = tuple(area for area in reach if len(area) <= COUNTY)
    small = [area for area in reach if len(area) > COUNTY and not any(contains(one, area) for one in wide)]
    return [*(_counties(wide) if wide else ()), *small]


def _counties(reach: tuple[str, ...]) -> list[str]:
    rows = Area.objects.filter(true_on(clock.today()), _within("code", reach), level="county").order_by("code")
    return list(rows.values_list("code", flat=True))


def _deliveries() -> dict[str, list[ListImport]]:
    """The newest delivery of each list for each area, in the order of their days. Deliveries heap up over the years: few are fetched."""
    own = ("list_slug", "area_code", "whole")
    rows = ListImport.objects.filter(undone_at__isnull=True, as_of__lte=clock.today())
    newest = rows.order_by(*own, "-as_of", "-applied_at", "-id").distinct(*own)
    found: dict[str, list[ListImport]] = {}
    for row in sorted(ListImport.objects.filter(pk__in=newest.values("pk")), key=lambda one: (one.as_of, one.applied_at)):
        found.setdefault(row.list_slug, []).append(row)
    return found


def _figures(reach: tuple[str, ...]) -> dict[str, dict[str, dict[str, int]]]:
    found: dict[str, dict[str, dict[str, int]]] = {}
    for row in ListFigure.objects.filter(_within("county", reach)).order_by("county"):
        found.setdefault(row.list_slug, {})[row.county] = {name: getattr(row, name) for name in _COUNTED}
    return found


def _standing(
    declaration: ListDeclaration,
    counties: list[str],
    rows: list[ListImport],
    figures: dict[str, dict[str, int]],
    reach: tuple[str, ...],
) -> Standing:
    inner = [row for row in rows if any(contains(area, row.area_code) for area in reach)]
    within = {row.pk for row in inner}
    near = [row for row in rows if row.pk in within or any(contains(row.area_code, area) for area in reach)]
    theirs = [row for row in _in_force(rows) if row.pk in within]
    rows_of, wrong_of, unknown_of = (_sum(theirs, name) for name in ("rows", "error_rows", "unknown_people"))
    fresh = tuple(_freshness(declaration, rows, county) for county in counties if contains(declaration.area, county))
    return Standing(declaration, fresh, near[-1] if near else None, rows_of, wrong_of, unknown_of, figures)


def _in_force(rows: list[ListImport]) -> list[ListImport]:
    """Those of the deliveries, in the order of their days, that no later whole one covers."""
    return [
        row for at, row in enumerate(rows) if not any(later.whole and contains(later.area_code, row.area_code) for later in rows[at + 1 :])
    ]


def _sum(rows: list[ListImport], name: str) -> int | None:
    return sum(getattr(row, name) for row in rows) if rows else None


def _freshness(declaration: ListDeclaration, rows: list[ListImport], county: str) -> Freshness:
    day = clock.today()
    whole = [row for row in rows if row.whole]
    reason = state_of(declaration, [Delivered(row.area_code, row.as_of, row.fresh_until) for row in whole], county, day)
    speaking = [row for row in whole if contains(row.area_code, county) or contains(county, row.area_code)]
    last = speaking[-1] if speaking else None
    colour = _colour(declaration, reason, last, day)
    return Freshness(county, reason, colour, last.as_of if last else None, last.fresh_until if last else None)


def _colour(declaration: ListDeclaration, reason: str, last: ListImport | None, day: date) -> str:
    """Red once it is out of date, yellow in the last tenth of its time (at least a day) or where parts are lacking."""
    if reason == "each":
        return ""
    if reason != "silent" or last is None:
        return "yellow" if reason == "partly" else "red"
    left = (last.fresh_until - day).days
    return "yellow" if left <= max(1, declaration.every_days // 10) else "green"


def deliveries(viewer: Viewer, slug: str, *, limit: int = PAGE) -> list[ListImport]:
    """The newest deliveries of a list inside the viewer's areas. One query."""
    where = _within("area_code", reach_of(viewer))
    return list(ListImport.objects.filter(where, list_slug=slug).order_by("-applied_at")[:limit])


def row_areas(viewer: Viewer) -> tuple[str, ...]:
    """Areas in which the viewer may open the rows that wait for a human, () where in none."""
    return tuple(sorted({area for role in screenings.READERS for area in viewer.areas(role)}))


def doubts(viewer: Viewer, slug: str, *, wrong: bool, county: str = "", after: int = 0, limit: int | None = PAGE) -> list[Doubtful]:
    """Open rows of a list that nobody has settled: those with a wrong cell, or the others; by key. One query.

    A row belongs where it says the person lives, else where its delivery comes from.
    """
    where = _within("place", row_areas(viewer))
    rows = _placed(slug).filter(where, **{"reason": "cell_error"} if wrong else {}).filter(id__gt=after)
    rows = (rows if wrong else rows.exclude(reason="cell_error")).filter(inside("place", county)).order_by("id")
    return list(rows[:limit] if limit else rows)


def _within(column: str, areas: tuple[str, ...]) -> Q:
    """Rows whose code lies in one of the areas. "" stands apart: it narrows nothing, and an empty condition is dropped from an OR."""
    where = Q(pk__in=())
    for area in areas:
        where |= inside(column, area)
    return Q() if "" in areas else where


def _placed(slug: str) -> QuerySet[Doubtful]:
    place = Coalesce(NullIf("area_code", Value("")), "list_import__area_code")
    rows = Doubtful.objects.filter(list_slug=slug, resolved_at__isnull=True).select_related("list_import")
    return rows.annotate(place=place)


def departments(viewer: Viewer) -> frozenset[str] | None:
    """The owners whose disputes the viewer works on; None: everybody's. At most one query."""
    return departments_of(viewer)


def covers(viewer: Viewer, areas: tuple[str, ...], county: str) -> bool:
    """Whether the areas hold the whole county ("": everything whose figures the viewer sees). No query."""
    asked = (county,) if county else reach_of(viewer)
    return all(any(contains(area, one) for area in areas) for one in asked)


def sees_disputes(viewer: Viewer, county: str) -> bool:
    """Whether the viewer may open every dispute in the county ("": in all they see). No query."""
    return covers(viewer, viewer.areas("officer"), county)


def disputes(viewer: Viewer, slug: str, *, county: str = "", after: int = 0, limit: int | None = PAGE) -> list[Task]:
    """Open disputes of what the list says, where the viewer works on them, by key. At most two queries."""
    rows = workable(viewer).filter(inside("area_code", county), case__kind=FACT_DISPUTE.slug, case__list_slug=slug, case__status="open")
    rows = rows.filter(id__gt=after).select_related("case").order_by("id")
    return list(rows[:limit] if limit else rows)
