"""The ground of a made-up town: nodes, links, gates and barriers in metres round its seat, and where they lie on the earth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import cos, hypot, radians, sin

from linli.kernel.positions import Position
from linli.registers.generated.windows import DEGREE_METRES

Point = tuple[float, float]
"""Metres east and north of the town's middle, on the plan: before the ground bends it."""
TURN = radians(7)


@dataclass(frozen=True, slots=True)
class Link:
    """A straight piece of a street between two nodes. kind: words of the network's tables, such as bridge or steps."""

    u: int
    v: int
    metres: float
    highway: str
    name: str
    way: int
    kind: str


@dataclass(frozen=True, slots=True)
class GateAt:
    """A gate at a node. hours "": always open; shut: never open to people from outside."""

    node: int
    key: str
    name: str
    hours: str
    shut: bool = False


@dataclass(slots=True)
class Line:
    """A straight street from a to b, and the points on it where something joins."""

    a: Point
    b: Point
    name: str
    highway: str
    kind: str = ""
    joins: set[Point] = field(default_factory=set)

    @property
    def metres(self) -> float:
        """Its length on the plan."""
        return hypot(self.b[0] - self.a[0], self.b[1] - self.a[1])

    def at(self, share: float) -> Point:
        """The point so far along it, 0 to 1."""
        return self.a[0] + (self.b[0] - self.a[0]) * share, self.a[1] + (self.b[1] - self.a[1]) * share

    def join(self, point: Point) -> Point:
        """Something joins the street at a point on it."""
        self.joins.add(point)
        return point

    def points(self) -> list[Point]:
        """Both ends and every join, in order along it."""
        return sorted({self.a, self.b, *self.joins}, key=lambda one: hypot(one[0] - self.a[0], one[1] - self.a[1]))


@dataclass(slots=True)
class Ground:
    """What is built so far. seat: where the middle lies."""

    seat: Position
    lines: list[Line] = field(default_factory=list)
    barriers: list[tuple[str, str, list[Position]]] = field(default_factory=list)
    gates: list[GateAt] = field(default_factory=list)
    _nodes: dict[tuple[int, int], int] = field(default_factory=dict)
    _places: list[Point] = field(default_factory=list)

    def node(self, point: Point) -> int:
        """The node at a point; one to the decimetre."""
        key = (round(point[0] * 10), round(point[1] * 10))
        if key not in self._nodes:
            self._nodes[key] = len(self._places)
            self._places.append(point)
        return self._nodes[key]

    def line(self, a: Point, b: Point, name: str, highway: str, kind: str = "") -> Line:
        """A street, path or bridge; what joins it later is noted on it."""
        self.lines.append(Line(a, b, name, highway, kind))
        return self.lines[-1]

    def barrier(self, kind: str, name: str, points: Sequence[Point], most: float = 150.0) -> None:
        """A line that nobody crosses; long ones bend with the ground."""
        found = [points[0]]
        for a, b in pairwise(points):
            steps = max(1, int(hypot(b[0] - a[0], b[1] - a[1]) // most))
            found += [(a[0] + (b[0] - a[0]) * step / steps, a[1] + (b[1] - a[1]) * step / steps) for step in range(1, steps + 1)]
        self.barriers.append((kind, name, [self.position(one) for one in found]))

    def gate(self, point: Point, key: str, name: str, hours: str, *, shut: bool = False) -> None:
        """A gate at a point where streets or paths meet."""
        self.gates.append(GateAt(self.node(point), key, name, hours, shut))

    def links(self) -> Iterator[Link]:
        """Every street's pieces, in the order in which they were built."""
        for way, line in enumerate(self.lines, start=1):
            for a, b in pairwise(line.points()):
                u, v = self.node(a), self.node(b)
                if u != v:
                    yield Link(u, v, self._metres(a, b), line.highway, line.name, way, line.kind)

    def nodes(self) -> Iterable[Position]:
        """Where each node lies, by number; complete once links() has been read."""
        return [self.position(one) for one in self._places]

    def position(self, point: Point) -> Position:
        """Where a point of the plan lies on the earth, to a centimetre."""
        x, y = _bent(point)
        east, north = x * cos(TURN) - y * sin(TURN), x * sin(TURN) + y * cos(TURN)
        lon = self.seat.lon + east / DEGREE_METRES / cos(radians(self.seat.lat))
        return Position(round(lon, 7), round(self.seat.lat + north / DEGREE_METRES, 7))

    @staticmethod
    def _metres(a: Point, b: Point) -> float:
        (x, y), (to_x, to_y) = _bent(a), _bent(b)
        return hypot(to_x - x, to_y - y)


def _bent(point: Point) -> Point:
    """No town is a chequerboard: streets bend gently."""
    x, y = point
    return x + 45 * sin(y / 900), y + 55 * sin(x / 1300)
