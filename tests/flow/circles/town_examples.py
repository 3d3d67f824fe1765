"""A town that can be reckoned by hand: two streets of two kilometres, a river between them with one bridge at the eastern end, a compound.

Metres from a corner at 111° E, 35° N. South street y=0, north street y=1000, a node every 100 m; the bridge at x=2000 is 1000 m long.
The compound's lane leaves the south street at x=0 and goes 200 m south through a gate at 100 m.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from math import cos, radians
from pathlib import Path
from typing import Any

import numpy as np
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, person

from linli.circles.acts.networks import take_network
from linli.circles.acts.recording import import_circles
from linli.circles.declared import standard
from linli.circles.models import Circle
from linli.circles.reading import NewCircle
from linli.kernel.positions import Position
from linli.reach.graph import Barrier, Gate, Graph, Origin
from linli.reach.profiles import Way
from linli.reach.snapshot import save
from linli.registers import acts
from linli.registers.acts.areas import NewPlace
from linli.registers.places import StatedPlace

YUNCHENG = Path(__file__).resolve().parents[3] / "cities" / "yuncheng"
DAY = date(2026, 11, 23)
ORIGIN = (111.0, 35.0)
METRE = 1 / 111_194.93  # degrees of latitude (a sphere of 6,371,008.8 m)
GATE = "gate-1"
GATE_HOURS = "周一至周日 06:00-22:00"


def at(x: float, y: float) -> Position:
    """The position x metres east and y metres north of the corner."""
    return Position(round(ORIGIN[0] + x * METRE / cos(radians(ORIGIN[1])), 7), round(ORIGIN[1] + y * METRE, 7))


def graph(*, bridge: bool = True, steps: bool = False, gate: str = GATE_HOURS) -> Graph:
    """The town's network. bridge: whether it is there; steps: whether the bridge has steps; gate: the gate's hours."""
    points = [(x * 100, 0) for x in range(21)] + [(x * 100, 1000) for x in range(21)] + [(0, -100), (0, -200)]
    south, north = 0, 21
    links = [(south + x, south + x + 1, 1000, Way.PLAIN) for x in range(20)] + [
        (north + x, north + x + 1, 1000, Way.PLAIN) for x in range(20)
    ]
    links += [(0, 42, 1000, Way.PLAIN), (42, 43, 1000, Way.PLAIN)]
    if bridge:
        links.append((20, 41, 10_000, Way.BRIDGE | (Way.STEPS if steps else Way.PLAIN)))
    where = [at(*point) for point in points]
    u, v, length, kind = (np.array(column) for column in zip(*links, strict=True))
    river = tuple((one.lon, one.lat) for one in (at(-500, 500), at(1990, 500)))
    return Graph(
        key=np.arange(len(points), dtype=np.int64),
        lon=np.array([one.lon for one in where]),
        lat=np.array([one.lat for one in where]),
        u=u.astype(np.int32),
        v=v.astype(np.int32),
        length=length.astype(np.int32),
        kind=kind.astype(np.uint16),
        way=np.full(len(links), -1, np.int64),
        origin=Origin("a town drawn by hand", "public domain", "WGS-84", "2026-11"),
        gates=(Gate(42, GATE, "南门", gate),),
        barriers=(Barrier("river", river, "小河"),),
    )


def use(tmp_path: Path, drawn: Graph | None = None) -> None:
    """Take the town's network into use."""
    file = tmp_path / "town.reach"
    save(drawn or graph(), file)
    take_network(SYSTEM, file=file, anyway=True)


_DEGREES = Decimal("0.0000001")


def building(number: int, x: float | None, y: float = 0) -> str:
    """A building there, or without a position; returns its code."""
    code = f"{VILLAGE}B{number:04d}"
    place = None if x is None else at(x, y)
    where = {} if place is None else {"lon": Decimal(str(place.lon)).quantize(_DEGREES), "lat": Decimal(str(place.lat)).quantize(_DEGREES)}
    acts.add_places(SYSTEM, places=[NewPlace(code, f"{number}号楼", f"{VILLAGE}G001", **where)], valid_from=FIRST_DAY, source="town")
    return code


def people(code: str, residents: int, *, elders: int = 0, infants: int = 0) -> None:
    """So many people live there, of whom so many are 80 and so many are one year old."""
    births = [date(1946, 1, 1)] * elders + [date(2025, 6, 1)] * infants + [date(1985, 1, 1)] * (residents - elders - infants)
    for number, born in enumerate(births):
        person(f"居民{code[-4:]}{number}", birth_date=born, situations=[acts.Lives("lives", code, FIRST_DAY)])


def shop(code: str, roles: str | Iterable[str] | Mapping[str, int], x: float, y: float = 0, **more: Any) -> StatedPlace:
    """A shop at a position, open all day unless told otherwise. roles: categories, with capacities in a mapping."""
    named = {roles: None} if isinstance(roles, str) else dict(roles) if isinstance(roles, Mapping) else dict.fromkeys(roles)
    more = {
        "hours": "周一至周日 00:00-24:00；节假日 00:00-24:00；调休上班日 00:00-24:00",
        "kind": "shop",
        "opened": date(2020, 1, 1),
    } | more
    where = at(x, y)
    return StatedPlace(
        code=code,
        name_zh=f"店{code}",
        name_en=f"shop {code}",
        area_code=VILLAGE,
        place=where,
        system="WGS-84",
        given=f"{where.lon}, {where.lat}",
        roles=tuple(named.items()),
        **more,
    )


def opened(*places: StatedPlace) -> None:
    """These places are there since 2020."""
    acts.import_places(SYSTEM, places=list(places), on=date(2020, 1, 1), file_digest="sha256:town")


def circle(code: str, west: float, south: float, east: float, north: float, *, kind: str = "ordinary", **changed: Any) -> Circle:
    """A circle bounded by a rectangle in metres."""
    corners = [at(west, south), at(east, south), at(east, north), at(west, north), at(west, south)]
    polygon = {"type": "Polygon", "coordinates": [[[one.lon, one.lat] for one in corners]]}
    made = NewCircle(code, f"{code}圈", f"circle {code}", kind, "", VILLAGE[:9], polygon, None, None, "", (), False, ())
    import_circles(SYSTEM, circles=[replace(made, **changed)], source="town")
    return Circle.objects.get(code=code)


STANDARD = standard(YUNCHENG)
