"""A made-up timetable (GTFS) of the town: four lines along its streets, four into the country, and the villages along these."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import cos, hypot, pi, sin
from pathlib import Path

import numpy as np

from linli.registers.cityareas import CityAreas
from linli.registers.generated.town.ground import Ground, Point
from linli.registers.generated.town.plan import Block

MOST_VILLAGES = 32
TOWN_METRES_A_MINUTE, COUNTRY_METRES_A_MINUTE = 300.0, 500.0
DETOUR = 1.2  # roads are longer than lines
STOPS = (3000.0, 6000.0, 10_000.0, 14_000.0)  # of a country line, metres beyond the town's edge
TOWN_HEADWAYS, HEADWAYS = (10, 12, 15, 20), (30, 45, 60, 90)  # minutes: one line from south to north and three across; four beyond
FROM_STOP = (150.0, 900.0)
FAR = 4500.0  # every eighth village lies that far from any line
_FIRST = (2020, 1, 1, 0, 0, 0)  # of every member of the zip, so that the same town gives the same bytes


@dataclass(frozen=True, slots=True)
class BusLine:
    """A line and its stops in order, out and back; minutes between two buses."""

    key: str
    name: str
    stops: tuple[tuple[str, Point], ...]
    headway: int
    speed: float


def bus_lines(blocks: Sequence[Block]) -> list[BusLine]:
    """Four lines along main streets, four from the middle beyond the town's edge."""
    rows, columns = max(one.row for one in blocks) + 1, max(one.column for one in blocks) + 1
    up = [one for one in blocks if one.column == columns // 2]
    north = [(one.x0, one.y0) for one in up] + [(up[-1].x0, up[-1].y1)]
    found = [BusLine("1", "1路（演示）", _named("1", north), TOWN_HEADWAYS[0], TOWN_METRES_A_MINUTE)]
    for quarter, town_headway in zip((1, 2, 3), TOWN_HEADWAYS[1:], strict=True):
        along = [one for one in blocks if one.row == rows * quarter // 4]
        east = [(one.x0, one.y0) for one in along] + [(along[-1].x1, along[-1].y0)]
        name = str(quarter + 1)
        found.append(BusLine(name, f"{name}路（演示）", _named(name, east), town_headway, TOWN_METRES_A_MINUTE))
    middle = north[len(north) // 2]
    for number, headway in enumerate(HEADWAYS):
        angle, key = pi / 4 + number * pi / 2, f"{101 + number}"
        edge = max(hypot(*east[-1]), hypot(*north[-1]))
        beyond = [(cos(angle) * (edge + far), sin(angle) * (edge + far)) for far in STOPS]
        found.append(BusLine(key, f"{key}路（演示）", _named(key, [middle, *beyond]), headway, COUNTRY_METRES_A_MINUTE))
    return found


def _named(key: str, points: Sequence[Point]) -> tuple[tuple[str, Point], ...]:
    return tuple((f"{key}路{number}站", point) for number, point in enumerate(points, 1))


def bus_villages(table: CityAreas, district: str, lines: Sequence[BusLine], rng: np.random.Generator) -> dict[str, Point]:
    """Villages (村委会) of the district by code, placed round the country stops; every eighth far from any."""
    codes = [
        code
        for code, one in sorted(table.divisions.items())
        if one.level == "village" and code.startswith(district) and "村" in one.name and "社区" not in one.name
    ]
    stops = [point for line in lines[-len(HEADWAYS) :] for _name, point in line.stops[1:]]
    found = {}
    for number, code in enumerate(codes[:MOST_VILLAGES]):
        x, y = stops[number % len(stops)]
        metres, angle = (FAR if number % 8 == 7 else rng.uniform(*FROM_STOP)), rng.uniform(0, 2 * pi)
        found[code] = (x + metres * cos(angle), y + metres * sin(angle))
    return found


def write_feed(ground: Ground, lines: Sequence[BusLine], as_of: date, path: Path) -> None:
    """The timetable as a GTFS zip: every line out and back by headway from six to eight, every day of a year round `as_of`."""
    first, last = as_of - timedelta(30), as_of + timedelta(335)
    tables: dict[str, tuple[Sequence[str], list[Sequence[object]]]] = {
        "agency": (
            ("agency_id", "agency_name", "agency_url", "agency_timezone"),
            [("demo", "演示公交", "https://example.org", "Asia/Shanghai")],
        ),
        "calendar": (
            ("service_id", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "start_date", "end_date"),
            [("daily", *([1] * 7), f"{first:%Y%m%d}", f"{last:%Y%m%d}")],
        ),
        "routes": (("route_id", "agency_id", "route_short_name", "route_type"), [(one.key, "demo", one.name, 3) for one in lines]),
        "stops": (("stop_id", "stop_name", "stop_lat", "stop_lon"), []),
        "trips": (("route_id", "service_id", "trip_id"), []),
        "stop_times": (("trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence"), []),
        "frequencies": (("trip_id", "start_time", "end_time", "headway_secs"), []),
    }
    for line in lines:
        for name, point in line.stops:
            where = ground.position(point)
            tables["stops"][1].append((name, name, f"{where.lat:.7f}", f"{where.lon:.7f}"))
        for way, stops in (("out", line.stops), ("back", line.stops[::-1])):
            trip = f"{line.key}-{way}"
            tables["trips"][1].append((line.key, "daily", trip))
            tables["stop_times"][1].extend(_times(trip, line, stops))
            tables["frequencies"][1].append((trip, "06:00:00", "20:00:00", line.headway * 60))
    _zip(path, tables)


def _times(trip: str, line: BusLine, stops: Sequence[tuple[str, Point]]) -> list[Sequence[object]]:
    found: list[Sequence[object]] = []
    at, before = 6 * 3600, stops[0][1]
    for number, (name, point) in enumerate(stops, 1):
        at += round(hypot(point[0] - before[0], point[1] - before[1]) * DETOUR / line.speed * 60)
        clock = f"{at // 3600:02d}:{at // 60 % 60:02d}:{at % 60:02d}"
        found.append((trip, clock, clock, name, number))
        before = point
    return found


def _zip(path: Path, tables: Mapping[str, tuple[Sequence[str], list[Sequence[object]]]]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (header, rows) in tables.items():
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows)
            archive.writestr(zipfile.ZipInfo(f"{name}.txt", _FIRST), text.getvalue())
