"""Open data of the map: places, living circles, and how many people a circle's norms reach, small numbers left out as everywhere."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from linli.circles.declared import standard
from linli.circles.models import Circle, Figure, Star
from linli.circles.queries.circles import latest
from linli.insight import suppressing
from linli.insight.opendata import declared, shift
from linli.kernel import clock
from linli.papers.writing import csv_text
from linli.registers.queries.places import PlaceRow

PLACES = ("code", "name_zh", "name_en", "kind", "categories", "area_code", "lon", "lat", "address", "hours", "generated")
CIRCLES = (
    "code", "name_zh", "name_en", "type", "tier", "area_code", "stars", "stars_given_on", "lon", "lat", "minutes", "profile", "generated",
)  # fmt: skip
COVERAGE = (
    "circle", "norm", "norm_zh", "norm_en", "profile", "limit_metres", "covered", "uncovered", "residents", "day", "homes_as_of",
    "network", "source", "licence",
)  # fmt: skip
GEOJSON, CSV = "application/geo+json", "text/csv; charset=utf-8; header=present"
Table = tuple[Sequence[str], Iterable[Sequence[Any]]]


def places_table(rows: Iterable[PlaceRow]) -> Table:
    """Every place that is there today. No telephone: a stall's is somebody's own."""
    return PLACES, ([*_place(row).values(), row.lon, row.lat, row.address, row.hours, row.generated] for row in rows)


def places_shapes(rows: Iterable[PlaceRow]) -> str:
    """The same as points (RFC 7946)."""
    more = ("address", "hours", "generated")
    return _shapes((_place(row) | {name: getattr(row, name) for name in more}, _point(row.lon, row.lat)) for row in rows)


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
    newest = {star.circle_id: star for star in Star.objects.order_by("given_on")}
    today = clock.today()
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
    """Residents of each circle whom each norm reaches and doesn't, by way of walking; empty where the city publishes no counts.

    Numbers below the city's smallest are left out and the others told in its multiples (suppressing.py); the same number of a circle is
    always told the same. Two queries.
    """
    said, run = declared(), latest()
    if said is None or run is None:
        return COVERAGE, ()
    norms, network = standard(), run.network
    rows = Figure.objects.filter(run=run, circle__isnull=False).select_related("circle").order_by("circle__code", "norm", "profile")

    def told() -> Iterator[list[Any]]:
        for row in rows:
            norm = norms.norm(row.norm, run.day)
            if norm is None or row.circle is None:
                continue
            covered, uncovered, *_rest = row.people["residents"]
            line = suppressing.told(
                {"covered": covered, "uncovered": uncovered}, said.smallest, partial(shift, f"circle:{row.circle.code}")
            )
            cells = [line.cells["covered"], line.cells["uncovered"], line.total]
            about = [str(run.day), str(run.homes_as_of), network.digest, network.source, network.licence]
            yield [row.circle.code, row.norm, norm.label.zh, norm.label.en, row.profile, row.limit // 10, *cells, *about]

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


FILES: dict[str, tuple[str, Callable[[Sequence[PlaceRow]], str]]] = {
    "places.csv": (CSV, lambda rows: csv_of(places_table(rows))),
    "places.geojson": (GEOJSON, places_shapes),
    "circles.csv": (CSV, lambda _rows: csv_of(circles_table())),
    "circles.geojson": (GEOJSON, lambda _rows: circles_shapes()),
    "coverage.csv": (CSV, lambda _rows: csv_of(coverage_table())),
}
"""Every file by its name: its type, and what makes it of today's places."""
