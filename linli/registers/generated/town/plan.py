"""The plan of a made-up town: blocks between main streets, each a community's or a park; a river and a railway lie between their rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil, hypot, pi, sqrt

import numpy as np

from linli.registers.generated.town.ground import Ground, Line, Point
from linli.registers.generated.windows import GOLDEN

SPARE = 1.12  # blocks for each community: some are parks, squares, works
WIDE = 1.25  # columns for each row
WIDTH, HEIGHT = (430, 600), (400, 540)  # metres of a block
RIVER_METRES, RAIL_METRES = 90.0, 70.0
RIVER, RAILWAY = "清水河（演示）", "铁路（演示）"
CORE_METRES, OLD_METRES = 950.0, 2000.0
TYPES = ("core-business", "old-estate", "ordinary")
SPECIAL = ("park", "square", "works", "park", "works", "works")
_TOWARDS = {"东": (1.0, 0.0), "西": (-1.0, 0.0), "南": (0.0, -1.0), "北": (0.0, 1.0), "中": (0.0, 0.0)}
_COUNT = "一二三四五六七八九十"
Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Community:
    """A community of the district. town: the code of its subdistrict."""

    code: str
    name: str
    town: str
    town_name: str


@dataclass(slots=True)
class Block:
    """What lies between four main streets, by side: N, E, S, W. use: homes, park, square or works. community: whose homes, else None."""

    row: int
    column: int
    x0: float
    y0: float
    x1: float
    y1: float
    use: str = "homes"
    kind: str = "ordinary"
    community: Community | None = None
    sides: dict[str, Line] = field(default_factory=dict)
    lanes: list[Line] = field(default_factory=list)
    slots: list[Point] = field(default_factory=list)

    @property
    def middle(self) -> Point:
        """Its middle."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    @property
    def name(self) -> str:
        """What its community is called for short; "" where nobody lives."""
        return re.sub("(社区)?(居民委员会|居委会)$|社区$", "", self.community.name) if self.community else ""


def draw_plan(ground: Ground, communities: Sequence[Community], rng: Random) -> list[Block]:
    """Blocks with their streets for so many communities, row by row from the south-west. Streets, bridges, river and railway are on the
    ground afterwards."""
    many = ceil(len(communities) * SPARE)
    columns = max(3, ceil(sqrt(many * WIDE)))
    rows = max(3, ceil(many / columns))
    xs = _cuts(rng.uniform(*WIDTH, columns).tolist(), [0.0] * columns)
    river, rail = max(0, rows // 5), min(rows - 2, rows * 5 // 8)
    gaps = [RIVER_METRES if row == river else RAIL_METRES if row == rail else 0.0 for row in range(rows)]
    ys = _cuts(rng.uniform(*HEIGHT, rows).tolist(), gaps)
    blocks = [Block(row, column, *_box(xs, ys, row, column)) for row in range(rows) for column in range(columns)]
    _streets(ground, blocks, columns)
    _river(ground, blocks, columns, river, rng)
    _railway(ground, blocks, columns, rail, rng)
    _uses(blocks, len(communities), rng)
    _settle(blocks, communities)
    for block in blocks:
        block.kind = _kind(block, rng)
    return blocks


def _cuts(sizes: Sequence[float], gaps: Sequence[float]) -> list[tuple[float, float]]:
    """From and to of each row or column, with the middle at 0; a gap follows its row."""
    found, at = [], 0.0
    for size, gap in zip(sizes, gaps, strict=True):
        found.append((at, at + float(size)))
        at += float(size) + gap
    return [(round(start - at / 2, 1), round(end - at / 2, 1)) for start, end in found]


def _box(xs: Sequence[tuple[float, float]], ys: Sequence[tuple[float, float]], row: int, column: int) -> tuple[float, float, float, float]:
    return xs[column][0], ys[row][0], xs[column][1], ys[row][1]


def _streets(ground: Ground, blocks: Sequence[Block], columns: int) -> None:
    """Each side of each block once; two blocks that touch share theirs."""
    known: dict[tuple[Point, Point], Line] = {}
    for block in blocks:
        corners = {
            "S": ((block.x0, block.y0), (block.x1, block.y0)), "N": ((block.x0, block.y1), (block.x1, block.y1)),
            "W": ((block.x0, block.y0), (block.x0, block.y1)), "E": ((block.x1, block.y0), (block.x1, block.y1)),
        }  # fmt: skip
        for side, ends in corners.items():
            number = (block.row + (side == "N")) if side in "NS" else block.column + (side == "E")
            name = f"{'文昌' if side in 'NS' else '康宁'}{_number(number)}{'街' if side in 'NS' else '路'}"
            if ends not in known:
                known[ends] = ground.line(*ends, name, "secondary" if number % 2 else "tertiary")
            block.sides[side] = known[ends]


def _number(number: int) -> str:
    return _COUNT[number] if number < len(_COUNT) else f"十{_COUNT[number - len(_COUNT)]}"


def _crossings(columns: int, many: int, rng: Random) -> list[int]:
    """Main streets, from the west, that go across: few, and not side by side."""
    step = (columns + 1) / many
    return sorted({min(columns, int((one + rng.uniform(0.2, 0.8)) * step)) for one in range(many)})


def _ends(blocks: Sequence[Block], columns: int, row: int, cut: int) -> tuple[Point, Point]:
    below = blocks[row * columns + min(cut, columns - 1)]
    above = blocks[(row + 1) * columns + min(cut, columns - 1)]
    x = below.x0 if cut < columns else below.x1
    return (x, below.y1), (x, above.y0)


def _river(ground: Ground, blocks: Sequence[Block], columns: int, row: int, rng: Random) -> None:
    for number, cut in enumerate(_crossings(columns, max(2, columns // 4), rng), start=1):
        ground.line(*_ends(blocks, columns, row, cut), f"清水{_COUNT[number - 1]}桥（演示）", "tertiary", "bridge")
    south, north = blocks[row * columns], blocks[(row + 1) * columns]
    east = blocks[row * columns + columns - 1].x1
    for y in (south.y1 + 20, north.y0 - 20):
        ground.barrier("river", RIVER, [(south.x0 - 400, y), (east + 400, y)])


def _railway(ground: Ground, blocks: Sequence[Block], columns: int, row: int, rng: Random) -> None:
    """Underpasses, and a footbridge with steps that nobody in a wheelchair crosses."""
    cuts = _crossings(columns, max(2, columns // 4), rng)
    for number, cut in enumerate(cuts):
        steps = number == len(cuts) // 2
        name = "铁路人行天桥（演示）" if steps else f"铁路{_COUNT[number]}号地道（演示）"
        ground.line(*_ends(blocks, columns, row, cut), name, "steps" if steps else "tertiary", "bridge steps" if steps else "tunnel")
    west, east = blocks[row * columns], blocks[row * columns + columns - 1]
    y = west.y1 + RAIL_METRES / 2
    ground.barrier("rail", RAILWAY, [(west.x0 - 400, y), (east.x1 + 400, y)])


def _uses(blocks: Sequence[Block], communities: int, rng: Random) -> None:
    """As many blocks as are left over become parks, squares and works, never two side by side."""
    spare = len(blocks) - communities
    taken: list[Block] = []
    for number in rng.permutation(len(blocks)).tolist():
        block = blocks[number]
        if len(taken) < spare and all(abs(block.row - one.row) + abs(block.column - one.column) > 1 for one in taken):
            block.use = SPECIAL[len(taken) % len(SPECIAL)]
            taken.append(block)
    for block in blocks:
        if len(taken) < spare and block.use == "homes":
            block.use = "works"
            taken.append(block)


def _settle(blocks: Sequence[Block], communities: Sequence[Community]) -> None:
    """Subdistricts lie where their names say (东城 in the east), others round about; each takes the free blocks nearest to its middle."""
    free = [block for block in blocks if block.use == "homes"]
    reach = max(hypot(*block.middle) for block in free) * 0.62
    towns = list(dict.fromkeys(one.town for one in communities))
    left = {town: [one for one in communities if one.town == town] for town in towns}
    middles = {town: _middle(left[town][0].town_name, number, len(towns), reach) for number, town in enumerate(towns)}
    pairs = [(hypot(b.middle[0] - middles[t][0], b.middle[1] - middles[t][1]), n, t) for n, b in enumerate(free) for t in towns]
    mine: dict[str, list[int]] = {town: [] for town in towns}
    taken: set[int] = set()
    for _, number, town in sorted(pairs):
        if number not in taken and len(mine[town]) < len(left[town]):
            taken.add(number)
            mine[town].append(number)
    for town, numbers in mine.items():
        for number, community in zip(sorted(numbers), left[town], strict=True):
            free[number].community = community


def _middle(name: str, number: int, many: int, reach: float) -> Point:
    said = re.match("[东西南北中]", name)
    if said:
        east, north = _TOWARDS[said.group()]
        return east * reach, north * reach
    far = reach * 1.2 * sqrt((number + 0.5) / many)
    return far * float(np.cos(GOLDEN * number + pi / 5)), far * float(np.sin(GOLDEN * number + pi / 5))


def _kind(block: Block, rng: Random) -> str:
    far, draw = hypot(*block.middle), float(rng.random())
    if far < CORE_METRES and draw < 0.75:
        return "core-business"
    return "old-estate" if far < OLD_METRES and draw < 0.65 else "ordinary"
