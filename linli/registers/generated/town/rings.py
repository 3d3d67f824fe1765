"""Living circles of a made-up town: neighbouring communities put together, with a type and, for some, a star."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import hypot
from typing import Any

from linli.kernel.positions import WGS84, Position
from linli.registers.generated.town.ground import Ground, Point
from linli.registers.generated.town.plan import Block, Random

CIRCLES, STARRED = 24, 11
FAR_METRES = 640.0  # a community farther from its circle's middle is in none
GROWN = 3  # every so manieth circle is grown from its middle, the others have a boundary
MINUTES = 15


@dataclass(frozen=True, slots=True)
class Ring:
    """A circle to be: its blocks."""

    blocks: tuple[Block, ...]

    @property
    def middle(self) -> Point:
        """The middle of its blocks."""
        xs, ys = zip(*(block.middle for block in self.blocks), strict=True)
        return sum(xs) / len(xs), sum(ys) / len(ys)


def rings_of(blocks: Sequence[Block], many: int = CIRCLES) -> list[Ring]:
    """Blocks of homes in so many groups of neighbours, by halving along the longer side; what lies too far out of its group is in none."""
    homes = [block for block in blocks if block.community]
    found = []
    for group in _halved(homes, min(many, len(homes))):
        middle = Ring(tuple(group)).middle
        near = [one for one in group if hypot(one.middle[0] - middle[0], one.middle[1] - middle[1]) <= FAR_METRES]
        found.append(Ring(tuple(near or group[:1])))
    return found


def _halved(blocks: Sequence[Block], many: int) -> list[Sequence[Block]]:
    if many == 1:
        return [blocks]
    xs, ys = zip(*(block.middle for block in blocks), strict=True)
    along = 0 if max(xs) - min(xs) >= max(ys) - min(ys) else 1
    ordered = sorted(blocks, key=lambda block: (block.middle[along], block.row, block.column))
    first = many // 2
    cut = len(ordered) * first // many
    return _halved(ordered[:cut], first) + _halved(ordered[cut:], many - first)


def circles_file(
    ground: Ground, rings: Sequence[Ring], places: Sequence[Mapping[str, str]], district: str, rng: Random, as_of: date
) -> dict[str, Any]:
    """The list of circles as the city's registers of circles reads it. The best served of them have the province's star."""
    served = [_served(ring, places) for ring in rings]
    best = sorted(range(len(rings)), key=lambda number: (-served[number], number))[:STARRED]
    rows = []
    for number, ring in enumerate(rings):
        first = ring.blocks[0].community
        towns = {block.community.town for block in ring.blocks if block.community}
        row: dict[str, Any] = {
            "code": f"DEMO-C{number + 1:02d}",
            "zh": f"{ring.blocks[0].name}便民生活圈（演示）",
            "en": f"Living circle {number + 1} (demo)",
            "type": Counter(block.kind for block in ring.blocks).most_common(1)[0][0],
            "area": first.town if first and len(towns) == 1 else district,
            "communities": sorted(block.community.code for block in ring.blocks if block.community),
            "generated": True,
        }
        row |= _bounds(ground, ring, grown=number % GROWN == 0)
        if number in best:
            given = as_of - timedelta(days=int(rng.integers(60, 900)))
            row["stars"] = [{"level": "province", "stars": int(rng.integers(3, 6)), "given_on": given, "source": "演示数据"}]
        rows.append(row)
    return {"system": WGS84, "circles": rows}


def _served(ring: Ring, places: Sequence[Mapping[str, str]]) -> int:
    """How many kinds of places its communities have."""
    own = {block.community.code for block in ring.blocks if block.community}
    return len({kind for row in places if row["区划代码"] in own for kind in row["类别"].split("、")})


def _bounds(ground: Ground, ring: Ring, *, grown: bool) -> dict[str, Any]:
    if grown:
        place = ground.position(ring.middle)
        return {"centre": [place.lon, place.lat], "minutes": MINUTES}
    boxes = [(block.x0, block.y0, block.x1, block.y1) for block in ring.blocks]
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    corners: list[Position] = [ground.position(one) for one in ((west, south), (east, south), (east, north), (west, north))]
    return {"polygon": [[one.lon, one.lat] for one in corners]}
