"""A list of circles as a file gives it: YAML or JSON with its coordinate system, checked value by value, everything inside in WGS-84."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from math import cos, radians
from pathlib import Path
from typing import Any

from shapely.geometry import mapping, shape
from shapely.validation import explain_validity

from linli.circles.declared.kinds import Kinds
from linli.circles.declared.reading import items, keys, one_of, text, whole, wrong
from linli.kernel import areas, clock
from linli.kernel.errors import LinliError, Place, Problems
from linli.kernel.positions import SYSTEMS, Position, position
from linli.reach.profiles import PROFILES
from linli.rules.source import Entry, read_yaml

STAR_LEVELS = ("province", "city")
PROFILE = "adult"
LONGEST_WALK = 60
LEAST_SQUARE_METRES = 100
METRES_A_DEGREE = 111_195
_REQUIRED = ("code", "zh", "en", "type", "area")
_OPTIONAL = ("tier", "centre", "minutes", "profile", "polygon", "communities", "generated", "stars")


@dataclass(frozen=True, slots=True)
class NewStar:
    """A rating: see models.Star. corrected: why what was recorded of that day was wrong, "" where nothing was; place: in its file."""

    level: str
    stars: int | None
    given_on: date
    source: str
    corrected: str = ""
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class NewCircle:
    """A circle, checked. polygon: GeoJSON in WGS-84, or None where it is grown from its centre."""

    code: str
    name_zh: str
    name_en: str
    kind: str
    tier: str
    area_code: str
    polygon: dict[str, Any] | None
    centre: Position | None
    minutes: int | None
    profile: str
    communities: tuple[str, ...]
    generated: bool
    stars: tuple[NewStar, ...]


def read_circles(path: Path, kinds: Kinds) -> list[NewCircle]:
    """The circles of a file. Raises Problems with every fault and its place; a file that doesn't state its coordinate system is refused."""
    whole_file = read_yaml(path)
    told = keys(whole_file, ("circles",), ("system",))
    if "system" not in told or told["system"].value not in SYSTEMS:
        raise Problems([_system(told.get("system", whole_file))])
    found, faults = [], list[LinliError]()
    for one in items(told["circles"]):
        try:
            found.append(_circle(one, kinds, told["system"].value))
        except LinliError as fault:
            faults.append(fault)
    faults += _twice(items(told["circles"]))
    if faults:
        raise Problems(faults)
    return found


def _circle(entry: Entry, kinds: Kinds, system: str) -> NewCircle:
    told = keys(entry, _REQUIRED, _OPTIONAL)
    if ("polygon" in told) == ("centre" in told) or ("minutes" in told) != ("centre" in told):
        raise wrong(entry, ("polygon，或 centre 和 minutes", "a polygon, or a centre with minutes"), text(told["code"]))
    area = text(told["area"])
    if areas.level(area) not in ("county", "township", "village"):
        raise wrong(told["area"], ("县、街道（乡镇）或社区（村）的代码", "the code of a county, township or community"), area)
    return NewCircle(
        code=_short(told["code"], 40),
        name_zh=_short(told["zh"], 100),
        name_en=_short(told["en"], 200),
        kind=one_of(told["type"], kinds.types),
        tier=one_of(told["tier"], kinds.tiers) if "tier" in told else "",
        area_code=area,
        polygon=_polygon(told["polygon"], system) if "polygon" in told else None,
        centre=_at(told["centre"], system) if "centre" in told else None,
        minutes=whole(told["minutes"], 1, LONGEST_WALK) if "minutes" in told else None,
        profile="" if "centre" not in told else one_of(told["profile"], PROFILES) if "profile" in told else PROFILE,
        communities=tuple(_community(one) for one in items(told["communities"])) if "communities" in told else (),
        generated="generated" in told and one_of(told["generated"], (True, False)),
        stars=_stars(told["stars"]) if "stars" in told else (),
    )


def _short(entry: Entry, most: int) -> str:
    found = text(entry)
    if len(found) > most:
        raise wrong(entry, (f"至多 {most} 字", f"{most} characters at most"), found[:40])
    return found


def _community(entry: Entry) -> str:
    code = text(entry)
    if areas.level(code) != "village":
        raise wrong(entry, ("12 位社区（村）代码", "a community's code of 12 digits"), code)
    return code


def _star(entry: Entry) -> NewStar:
    told = keys(entry, ("level", "given_on", "source"), ("stars", "corrected"))
    given = told["given_on"].value
    if type(given) is not date or given > clock.today():
        raise wrong(told["given_on"], ("已经到了的日期", "a day that has come"), str(given))
    stars = whole(told["stars"], 1, 5) if "stars" in told and told["stars"].value is not None else None
    corrected = _short(told["corrected"], 200) if "corrected" in told else ""
    return NewStar(one_of(told["level"], STAR_LEVELS), stars, given, _short(told["source"], 200), corrected, entry.place())


def _stars(entry: Entry) -> tuple[NewStar, ...]:
    """The ratings of a circle, each day's once."""
    found: dict[tuple[str, date], NewStar] = {}
    for one in items(entry):
        star = _star(one)
        before = found.setdefault((star.level, star.given_on), star)
        if before != star:
            expected = (f"一天一次评定（已在 {before.place}）", f"one rating of a day (it is at {before.place})")
            raise wrong(one, expected, f"{before.stars}, {star.stars}")
    return tuple(found.values())


def _at(entry: Entry, system: str) -> Position:
    numbers = [one.value for one in items(entry)]
    if len(numbers) != 2 or not all(isinstance(one, int | Decimal) and not isinstance(one, bool) for one in numbers):
        raise wrong(entry, ("[经度, 纬度]", "[longitude, latitude]"), str(entry.plain()))
    try:
        return position(float(numbers[0]), float(numbers[1]), system)
    except LinliError as problem:
        raise problem.at(entry.place()) from None


def _polygon(entry: Entry, system: str) -> dict[str, Any]:
    """A GeoJSON geometry, or the corners of one ring as a list; closed, without crossing itself."""
    if isinstance(entry.value, dict):
        told = keys(entry, ("type", "coordinates"))
        kind = one_of(told["type"], ("Polygon", "MultiPolygon"))
        parts = items(told["coordinates"]) if kind == "MultiPolygon" else [told["coordinates"]]
        rings = [[_ring(ring, system) for ring in items(part)] for part in parts]
        geometry = {"type": kind, "coordinates": rings if kind == "MultiPolygon" else rings[0]}
    else:
        geometry = {"type": "Polygon", "coordinates": [_ring(entry, system)]}
    drawn = shape(geometry)
    if not drawn.is_valid or drawn.is_empty:
        raise wrong(entry, ("不自相交的边界", "a boundary that doesn't cross itself"), explain_validity(drawn))
    if drawn.area * METRES_A_DEGREE**2 * cos(radians(drawn.centroid.y)) < LEAST_SQUARE_METRES:
        raise wrong(entry, ("围出一块地的边界", "a boundary with some ground within"), ("角点在一条线上", "its corners lie on one line"))
    return dict(mapping(drawn))


def _ring(entry: Entry, system: str) -> list[tuple[float, float]]:
    corners = [_at(one, system) for one in items(entry)]
    points = [(one.lon, one.lat) for one in corners]
    points += points[:1] if points and points[0] != points[-1] else []
    if len(points) < 4 or any(one == other for one, other in pairwise(points)):
        raise wrong(entry, ("至少三个不同的角点", "three different corners or more"), f"{len(points)}")
    return points


def _twice(entries: Iterable[Entry]) -> Iterator[LinliError]:
    seen: dict[str, Entry] = {}
    for one in entries:
        code = one.get("code")
        if code is None or not isinstance(code.value, str):
            continue
        if code.value in seen:
            before = seen[code.value].place()
            yield wrong(code, (f"每个编号只出现一次（已在 {before}）", f"each number once (it is at {before})"), code.value)
        seen[code.value] = code


def _system(entry: Entry) -> LinliError:
    return wrong(
        entry,
        ("system: WGS-84、GCJ-02 或 BD-09", "system: WGS-84, GCJ-02 or BD-09"),
        str(entry.value) if isinstance(entry.value, str) else "—",
    )
