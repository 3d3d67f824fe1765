"""Inside a block: lanes, compounds with walls and gates, paths and buildings; parks with their entrances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from linli.registers.generated.town.ground import Ground, Line, Point
from linli.registers.generated.town.plan import Block, Random

STREET_METRES, LANE_METRES = 12.0, 6.0
"""From the middle of a main street, and of a lane, to the wall behind it."""
PATH_METRES = 15.0  # from a wall to the first path
ROW_METRES, SLOT_METRES, HOUSE_METRES = 46.0, 52.0, 11.0
OPENING_METRES = 2.0  # of a wall on each side of its gate
DAY_HOURS = "周一至周日 06:00-22:00；节假日 06:00-22:00"
LATE_HOURS = "周一至周日 05:30-23:30；节假日 05:30-23:30"
_WALLED = {"old-estate": 0.4, "core-business": 0.7, "ordinary": 0.9}
_WORDS = {"N": "北", "E": "东", "S": "南", "W": "西"}
_OPPOSITE = {"N": "S", "S": "N", "E": "W", "W": "E"}


@dataclass(slots=True)
class Compound:
    """A rectangle of homes. sides: the street or lane along each side. number: within its block."""

    number: int
    x0: float
    y0: float
    x1: float
    y1: float
    sides: dict[str, Line]
    rows: list[float] = field(default_factory=list)

    @property
    def middle(self) -> Point:
        """Its middle."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2


def lay_out(ground: Ground, block: Block, rng: Random) -> list[Point]:
    """Build what lies inside the block; returns the entrances of a park. Homes' places are on block.slots afterwards, in a drawn order."""
    if block.use == "park":
        return list(_park(ground, block, rng))
    if block.use == "works":
        _wall(ground, _inset(block, STREET_METRES), [])
        return []
    for compound in _compounds(ground, block, rng):
        _paths(ground, compound)
        _gates(ground, block, compound, rng)
        block.slots += _slots(compound)
    block.slots = [block.slots[at] for at in rng.permutation(len(block.slots)).tolist()]
    return []


def _compounds(ground: Ground, block: Block, rng: Random) -> list[Compound]:
    """Old estates are small and many, with lanes between; the newest take a whole block."""
    down = block.kind == "old-estate" or float(rng.random()) < 0.7
    across = block.kind == "old-estate" or (block.kind == "core-business" and float(rng.random()) < 0.5)
    xs, ys = _parts(block.x0, block.x1, down, rng), _parts(block.y0, block.y1, across, rng)
    vertical = _lane(ground, block, "S", "N", xs[0][1] if down else None)
    horizontal = _lane(ground, block, "W", "E", ys[0][1] if across else None)
    if vertical and horizontal:
        crossing = (vertical.a[0], horizontal.a[1])
        vertical.join(crossing)
        horizontal.join(crossing)
    found: list[Compound] = []
    for row, (y0, y1) in enumerate(ys):
        for column, (x0, x1) in enumerate(xs):
            west, east = column == 0, column == len(xs) - 1
            south, north = row == 0, row == len(ys) - 1
            sides = {
                "W": block.sides["W"] if west or vertical is None else vertical,
                "E": block.sides["E"] if east or vertical is None else vertical,
                "S": block.sides["S"] if south or horizontal is None else horizontal,
                "N": block.sides["N"] if north or horizontal is None else horizontal,
            }
            back = {side: STREET_METRES if line in block.sides.values() else LANE_METRES for side, line in sides.items()}
            west_wall, south_wall = round(x0 + back["W"], 1), round(y0 + back["S"], 1)
            found.append(Compound(len(found) + 1, west_wall, south_wall, round(x1 - back["E"], 1), round(y1 - back["N"], 1), sides))
    return found


def _parts(start: float, end: float, cut: bool, rng: Random) -> list[tuple[float, float]]:
    if not cut:
        return [(start, end)]
    middle = round(start + (end - start) * float(rng.uniform(0.42, 0.58)), 1)
    return [(start, middle), (middle, end)]


def _lane(ground: Ground, block: Block, first: str, last: str, at: float | None) -> Line | None:
    if at is None:
        return None
    a = (at, block.y0) if first == "S" else (block.x0, at)
    b = (at, block.y1) if first == "S" else (block.x1, at)
    block.sides[first].join(a)
    block.sides[last].join(b)
    name = f"{block.sides[first].name}{'北' if first == 'S' else '东'}巷"
    block.lanes.append(ground.line(a, b, name, "residential"))
    return block.lanes[-1]


def _paths(ground: Ground, compound: Compound) -> None:
    """Rows of path with a spine through the middle and one along each end."""
    first, last = compound.y0 + PATH_METRES, compound.y1 - PATH_METRES
    many = max(2, round((last - first) / ROW_METRES) + 1)
    compound.rows = [round(float(y), 1) for y in np.linspace(first, last, many)]
    west, east, spine = compound.x0 + PATH_METRES, compound.x1 - PATH_METRES, round(compound.middle[0], 1)
    for x in (west, spine, east):
        line = ground.line((x, compound.rows[0]), (x, compound.rows[-1]), "", "footway")
        for y in compound.rows[1:-1]:
            line.join((x, y))
    for y in compound.rows:
        ground.line((west, y), (east, y), "", "footway").join((spine, y))


def _gates(ground: Ground, block: Block, compound: Compound, rng: Random) -> None:
    """A main gate on the side of a main street, a back gate opposite that is shut at night, sometimes a third that stays shut."""
    main = str(rng.choice([side for side, line in compound.sides.items() if line in block.sides.values()] or list(_WORDS)))
    others = [side for side in _WORDS if side not in (main, _OPPOSITE[main])]
    walled = float(rng.random()) < _WALLED[block.kind]
    asked = [(main, LATE_HOURS if float(rng.random()) < 0.3 else "", False), (_OPPOSITE[main], DAY_HOURS, False)]
    if not walled or float(rng.random()) < 0.45:
        asked.append((str(rng.choice(others)), DAY_HOURS, walled and float(rng.random()) < 0.6))
    openings = []
    for side, hours, shut in asked:
        wall, inside = _opening(compound, side, rng)
        ground.line(inside, wall, "", "footway")
        ground.line(wall, compound.sides[side].join(_street(compound.sides[side], wall)), "", "footway")
        openings.append(wall)
        if walled:
            code = block.community.code if block.community else f"{block.row}-{block.column}"
            name = f"{block.name}{compound.number}号院{_WORDS[side]}门（演示）"
            ground.gate(wall, f"{code}-{compound.number}-{side}", name, hours, shut=shut)
    if walled:
        _wall(ground, (compound.x0, compound.y0, compound.x1, compound.y1), openings)


def _opening(compound: Compound, side: str, rng: Random) -> tuple[Point, Point]:
    """Where a gate stands in the wall, and the end of the path behind it: always where paths meet."""
    west, east, spine = compound.x0 + PATH_METRES, compound.x1 - PATH_METRES, round(compound.middle[0], 1)
    if side in "NS":
        x = float(rng.choice([west, spine, east]))
        y, inner = (compound.y1, compound.rows[-1]) if side == "N" else (compound.y0, compound.rows[0])
        return (x, y), (x, inner)
    y = float(rng.choice(compound.rows[1:-1] or compound.rows))
    return ((compound.x1, y), (east, y)) if side == "E" else ((compound.x0, y), (west, y))


def _street(line: Line, wall: Point) -> Point:
    """The point of a street that runs straight east or north, opposite a point of the wall."""
    return (wall[0], line.a[1]) if line.a[1] == line.b[1] else (line.a[0], wall[1])


def _slots(compound: Compound) -> Iterator[Point]:
    """Buildings along the rows, on the side where another row is not too near."""
    xs = np.arange(compound.x0 + PATH_METRES + 12, compound.x1 - PATH_METRES - 6, SLOT_METRES)
    for y in compound.rows:
        side = -HOUSE_METRES if y == compound.rows[-1] else HOUSE_METRES
        yield from ((round(float(x), 1), round(y + side, 1)) for x in xs)


def _park(ground: Ground, block: Block, rng: Random) -> Iterator[Point]:
    """A fenced park: paths that cross in the middle, and entrances on two or three sides."""
    x0, y0, x1, y1 = box = _inset(block, STREET_METRES)
    middle = (round((x0 + x1) / 2, 1), round((y0 + y1) / 2, 1))
    ends = {"N": (middle[0], y1), "S": (middle[0], y0), "E": (x1, middle[1]), "W": (x0, middle[1])}
    sides = [list(ends)[at] for at in rng.permutation(4)[: int(rng.integers(2, 4))].tolist()]
    for side in sides:
        ground.line(middle, ends[side], "", "footway")
        ground.line(ends[side], block.sides[side].join(_street(block.sides[side], ends[side])), "", "footway")
        yield ends[side]
    _wall(ground, box, [ends[side] for side in sides], "fence")


def _inset(block: Block, metres: float) -> tuple[float, float, float, float]:
    return block.x0 + metres, block.y0 + metres, block.x1 - metres, block.y1 - metres


def _wall(ground: Ground, box: tuple[float, float, float, float], openings: list[Point], kind: str = "wall") -> None:
    """A wall all round but for its openings."""
    x0, y0, x1, y1 = box
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]
    for a, b in pairwise(corners):
        along = 0 if a[1] == b[1] else 1
        on = sorted(
            one[along]
            for one in openings
            if one[1 - along] == a[1 - along] and min(a[along], b[along]) <= one[along] <= max(a[along], b[along])
        )
        marks = [min(a[along], b[along])]
        for one in on:
            marks += [one - OPENING_METRES, one + OPENING_METRES]
        marks.append(max(a[along], b[along]))
        for start, end in zip(marks[::2], marks[1::2], strict=True):
            if end > start:
                ends = [(start, a[1]), (end, a[1])] if along == 0 else [(a[0], start), (a[0], end)]
                ground.barrier(kind, "", ends)
