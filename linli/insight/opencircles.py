"""Open data of the map: places, living circles, and what part of the people a circle's norms reach."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from linli.circles.declared import standard
from linli.circles.models import Circle, NetworkVersion, Star
from linli.circles.queries.circles import latest
from linli.circles.reachable import places_there
from linli.circles.standing import standing
from linli.insight.opencoverage import coverage_lines
from linli.insight.opendata import declared
from linli.kernel import clock
from linli.papers.writing import csv_text
from linli.reach.sources.tagging import LICENCE, OPENSTREETMAP
from linli.registers.queries.places import PlaceRow, Places, open_places

PLACES = (
    "code",
    "name_zh",
    "name_en",
    "kind",
    "categories",
    "area_code",
    "lon",
    "lat",
    "address",
    "hours",
    "generated",
    "source",
    "licence",
)
OF_MAP = "osm-"  # how numbers of places begin that come from OpenStreetMap
CIRCLES = (
    "code", "name_zh", "name_en", "type", "tier", "area_code", "stars", "stars_given_on", "lon", "lat", "minutes", "profile", "generated",
)  # fmt: skip
COVERAGE = (
    "circle", "area_code", "norm", "norm_zh", "norm_en", "profile", "limit_metres", "share", "covered", "uncovered", "unlocated",
    "residents", "day", "homes_as_of", "network", "source", "licence",
)  # fmt: skip
GEOJSON, CSV = "application/geo+json", "text/csv; charset=utf-8; header=present"
Table = tuple[Sequence[str], Iterable[Sequence[Any]]]


def places_table(rows: Iterable[PlaceRow]) -> Table:
    """Every place that is there today. No telephone: a stall's is somebody's own."""
    terms = _terms()
    return PLACES, ([*_place(row).values(), row.lon, row.lat, row.address, row.hours, row.generated, *terms(row)] for row in rows)


def places_shapes(rows: Iterable[PlaceRow]) -> str:
    """The same as points (RFC 7946)."""
    terms, more = _terms(), ("address", "hours", "generated")

    def told(row: PlaceRow) -> dict[str, Any]:
        return _place(row) | {name: getattr(row, name) for name in more} | dict(zip(("source", "licence"), terms(row), strict=True))

    return _shapes((told(row), _point(row.lon, row.lat)) for row in rows)


def _terms() -> Callable[[PlaceRow], tuple[str, str]]:
    """Where a place comes from and on what terms, whichever network is in use: the map, the made-up town; nothing for what the city itself
    says. One query."""
    town = NetworkVersion.objects.filter(generated=True).order_by("-since").first()
    made_up = (town.source, town.licence) if town else ("", "")

    def terms(row: PlaceRow) -> tuple[str, str]:
        if row.code.startswith(OF_MAP):
            return OPENSTREETMAP, LICENCE
        return made_up if row.generated else ("", "")

    return terms


def _place(row: PlaceRow) -> dict[str, Any]:
    named = {"code": row.code, "name_zh": row.name_zh, "name_en": row.name_en, "kind": row.kind}
    return named | {"categories": " ".join(row.roles), "area_code": row.area_code}


def circles_table() -> Table:
    """Every circle that there is today with its newest stars. Two queries."""
    return CIRCLES, ([*_circle(circle, star).values()] for circle, star in _starred())


def circles_shapes() -> str:
    """The same as areas, or as the point that a circle is grown from. Two queries."""
    return _shapes((_circle(circle, star), circle.polygon or _point(circle.lon, circle.lat)) for circle, star in _starred())


def _starred() -> list[tuple[Circle, Star | None]]:
    today = clock.today()
    newest = {star.circle_id: star for star in Star.objects.filter(given_on__lte=today).order_by("given_on")}
    there = [one for one in Circle.objects.order_by("code") if one.ended_on is None or today < one.ended_on]
    return [(circle, newest.get(circle.pk)) for circle in there]


def _circle(circle: Circle, star: Star | None) -> dict[str, Any]:
    return {
        "code": circle.code,
        "name_zh": circle.name_zh,
        "name_en": circle.name_en,
        "type": circle.kind,
        "tier": circle.tier,
        "area_code": circle.area_code,
        "stars": star.stars if star else None,
        "stars_given_on": star.given_on.isoformat() if star else None,
        "lon": None if circle.lon is None else float(circle.lon),
        "lat": None if circle.lat is None else float(circle.lat),
        "minutes": circle.minutes,
        "profile": circle.profile or None,
        "generated": circle.generated,
    }


def coverage_table() -> Table:
    """What part of the residents of each circle and county each norm reaches, by way of walking (opencoverage.py); empty where the city
    publishes no counts. Two queries.
    """
    said, run = declared(), latest()
    if said is None or run is None:
        return COVERAGE, ()
    network = run.network
    about = [str(run.day), str(run.homes_as_of), network.digest, network.source, network.licence]

    def told() -> Iterator[list[Any]]:
        for line in coverage_lines(run, said.smallest):
            norm, cells = line.norm, [line.share, line.covered, line.uncovered, line.unlocated, line.residents]
            yield [line.circle, line.area, norm.key, norm.label.zh, norm.label.en, line.profile, line.limit, *cells, *about]

    return COVERAGE, told()


def csv_of(table: Table) -> str:
    """A table as CSV in which no text ever becomes a formula."""
    headers, rows = table
    held = io.StringIO(newline="")
    writer = csv.writer(held, lineterminator="\r\n")
    writer.writerow(headers)
    writer.writerows([csv_text(f"{cell:.7f}" if isinstance(cell, float) else cell) for cell in row] for row in rows)
    return held.getvalue()


def _shapes(found: Iterable[tuple[Mapping[str, Any], Mapping[str, Any] | None]]) -> str:
    features = [{"type": "Feature", "properties": told, "geometry": shape} for told, shape in found]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":"))


def _point(lon: Any, lat: Any) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [round(float(lon), 7), round(float(lat), 7)]}


def computation() -> object:
    """Which computation coverage is of, and what the city publishes at the least: the table is the same while these are. One query."""
    said, run = declared(), latest()
    return None if said is None or run is None else (run.pk, said.smallest, standard().digest)


def today_places() -> Places:
    """The places of today, as this process keeps them where a network is in use."""
    there = standing()
    return places_there(there, clock.today()) if there else open_places(clock.today())


FILES: dict[str, tuple[str, Callable[[], object], Callable[[Any], str]]] = {
    "places.csv": (CSV, today_places, lambda places: csv_of(places_table(places.rows))),
    "places.geojson": (GEOJSON, today_places, lambda places: places_shapes(places.rows)),
    "circles.csv": (CSV, object, lambda _: csv_of(circles_table())),
    "circles.geojson": (GEOJSON, object, lambda _: circles_shapes()),
    "coverage.csv": (CSV, computation, lambda _: csv_of(coverage_table())),
}
"""Every file by its name: its type, what it is made of, and what makes it; the same made of the same is the same."""
