"""A town for the map: streets of a hundred metres, a river with one bridge, a compound behind a gate with hours, shops on both banks."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
from place_examples import SYSTEM, VILLAGE

from linli.circles.acts.networks import take_network
from linli.circles.declared import standard
from linli.circles.models import Circle, Coverage, Figure, NetworkVersion
from linli.kernel import clock
from linli.kernel.positions import WGS84, Position
from linli.reach import snapshot
from linli.reach.graph import Barrier, Gate, Graph, Origin
from linli.reach.profiles import Way
from linli.registers import acts
from linli.registers.places import StatedPlace

WEST, SOUTH = 111.0, 35.02
LON, LAT = 0.0010975, 0.0008993  # a hundred metres to the east, to the north
WIDE, HIGH = 21, 21
RIVER = 10.5  # between two streets; the bridge is on the westernmost
BRIDGE = 0
BASE = (WIDE - 1) * HIGH


def at(x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude of a crossing of the town."""
    return WEST + x * LON, SOUTH + y * LAT


def town() -> Graph:
    """Streets every hundred metres; nobody crosses the river but by the bridge; crossing (15, 5) is a compound's gate, open by day."""
    number = np.arange(WIDE * HIGH).reshape(HIGH, WIDE)
    across = [(int(number[y, x]), int(number[y, x + 1]), 0, 100 + y) for y in range(HIGH) for x in range(WIDE - 1)]
    up = [
        (int(number[y, x]), int(number[y + 1, x]), int(Way.BRIDGE) if y == 10 else 0, 200 + x)
        for x in range(WIDE)
        for y in range(HIGH - 1)
        if y != 10 or x == BRIDGE
    ]
    links = [*across, *up]
    lon, lat = zip(*(at(x, y) for y in range(HIGH) for x in range(WIDE)), strict=True)
    u, v, kind, way = (np.array(column) for column in zip(*links, strict=True))
    return Graph(
        np.arange(WIDE * HIGH, dtype=np.int64),
        np.array(lon),
        np.array(lat),
        u.astype(np.int32),
        v.astype(np.int32),
        np.full(len(links), 1000, np.int32),
        kind.astype(np.uint16),
        way.astype(np.int64),
        Origin("测试路网", "CC0", WGS84, "2026-11-01"),
        gates=(Gate(int(number[5, 15]), "gate-1", "幸福小区东门", "周一至周日 06:00-22:00"),),
        barriers=(Barrier("river", (at(-1, RIVER), at(WIDE, RIVER)), "测试河"), Barrier("rail", (at(-1, 20.5), at(WIDE, 20.5)))),
        names={100: "解放路", 105: "人民路", 111: "河北街", 200: "桥西路", 210: "中心街"},
    )


def use_town(folder: Path) -> NetworkVersion:
    """The town's network taken into use."""
    file = folder / "town.reach"
    snapshot.save(town(), file)
    return take_network(SYSTEM, file=file)


def stated(
    code: str, name: str, spot: tuple[float, float], *roles: str, hours: str = "", kind: str = "shop", area: str = VILLAGE
) -> StatedPlace:
    """A place at a crossing, or a little beside one."""
    lon, lat = at(*spot)
    does = tuple((role, None) for role in roles)
    given = f"{lon:.7f}, {lat:.7f}"
    since = date(2026, 1, 1)
    return StatedPlace(code, name, "", kind, area, Position(lon, lat), WGS84, given, does, "测试路", "0359-2000000", hours, opened=since)


ALWAYS = "周一至周日 00:00-24:00"
SHOPS = (
    stated("P-1", "好又多便利店", (10.5, 5), "convenience", "parcel", hours=ALWAYS),
    stated("P-2", "王记早餐", (12, 5), "breakfast", hours="周一至周日 05:30-10:00"),
    stated("P-3", "东街菜市场", (17, 5), "market"),
    stated("P-4", "河北药店", (10, 12), "pharmacy", hours=ALWAYS),
    stated("P-5", "修鞋摊", (10, 8), "repair", hours="周一至周日 08:00-18:00", kind="stall"),
    stated("P-6", "城南药店", (10, 0), "pharmacy", hours=ALWAYS),
)
START = at(10, 5)


def shops() -> None:
    """The town's shops, open since January: the nearest pharmacy as the crow flies is across the river."""
    for one in SHOPS:
        acts.open_place(SYSTEM, place=one, on=date(2026, 1, 1))


def circle(code: str, west: float, south: float, east: float, north: float) -> Circle:
    """A circle between crossings of the town."""
    ring = [at(west, south), at(east, south), at(east, north), at(west, north), at(west, south)]
    polygon = {"type": "Polygon", "coordinates": [ring]}
    return Circle.objects.create(code=code, name_zh=f"{code}生活圈", name_en=code, kind="ordinary", area_code="140802002", polygon=polygon)


def computed(network: NetworkVersion, people: dict[str, tuple[int, int]]) -> Coverage:
    """A computation: residents covered and uncovered of each circle, the same for every norm."""
    today = clock.today()
    run = Coverage.objects.create(
        network=network, day=today, homes_as_of=today, standard="s", moments={}, figures="f", homes=1, unlocated_homes=0, unsnapped_homes=0,
        places=0, unsnapped_places=0, unknown_hours=0, made_at=clock.now(), made_by="test", milliseconds=1,
    )  # fmt: skip
    for code, (covered, uncovered) in people.items():
        for norm in standard().asked(today):
            for profile in ("adult", "elder"):
                Figure.objects.create(
                    run=run, circle=Circle.objects.get(code=code), norm=norm.key, profile=profile, limit=10_000, looked=20_000,
                    people={"residents": [covered, uncovered, 0]}, found=1,
                )  # fmt: skip
    return run
