"""What lies under everything on the map: streets, steps, water, rail and walls of a network as GeoJSON, a square of the map at a time.

Squares are those of the usual web map (Web Mercator, x to the east and y to the south, 2^zoom of them each way), so that a browser keeps
what it has fetched. No tile server and no outside file: everything is drawn from the links and barriers of the snapshot itself.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from linli.reach.graph import Barrier, Floats, Graph, Ints, Longs
from linli.reach.profiles import Way
from linli.reach.waters import islands_in

ZOOMS = (10, 12, 14, 16)
"""Of the squares that there are; a map in between shows those of the next one that is smaller."""
MOST = {10: 3_000, 12: 5_000, 14: 8_000, 16: 20_000}
"""Links of one square: those of the longest streets, so that a whole city is not sent for a view that can't show it."""
NAMES = {14: 10, 16: 16}
GATES_FROM = 16
FINEST = ZOOMS[-1]
DEGREE = 5  # digits after the point: about a metre
PIXELS = 256
KINDS = ("street", "bridge", "tunnel", "steps")
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Square:
    """One square of the map."""

    zoom: int
    x: int
    y: int

    @property
    def known(self) -> bool:
        """Whether there is such a square."""
        return self.zoom in ZOOMS and 0 <= self.x < 1 << self.zoom and 0 <= self.y < 1 << self.zoom

    @property
    def corners(self) -> tuple[float, float, float, float]:
        """West, south, east, north, in degrees."""
        size = 1 << self.zoom
        west, east = (360.0 * column / size - 180.0 for column in (self.x, self.x + 1))
        north, south = (math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / size)))) for row in (self.y, self.y + 1))
        return west, south, east, north


def _mercator(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """From 0 to 1 each, from the west and from the north."""
    bounded = np.radians(np.clip(lat, -85.0, 85.0))
    return lon / 360.0 + 0.5, 0.5 - np.arcsinh(np.tan(bounded)) / (2 * math.pi)


@dataclass(slots=True, eq=False)
class BaseMap:
    """The links of a graph sorted into the finest squares, once; a square is then put together in a few milliseconds.

    About 40 bytes a link; a second for 3,000,000 links.
    """

    graph: Graph
    bounds: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    _column: Ints = field(init=False)
    _links: Ints = field(init=False)
    _key: Longs = field(init=False)
    _extent: Longs = field(init=False)
    _boxes: Floats = field(init=False)
    _areas: dict[int, tuple[int, ...]] = field(init=False)

    def __post_init__(self) -> None:
        graph = self.graph
        if len(graph.lon):
            self.bounds = (float(graph.lon.min()), float(graph.lat.min()), float(graph.lon.max()), float(graph.lat.max()))
        x, y = _mercator(graph.lon, graph.lat)
        column, row = ((axis * (1 << FINEST)).astype(np.int64) for axis in (x, y))
        self._extent = _extents(graph)
        self._key, self._links = _sorted(column, row, graph.u, graph.v)
        self._areas = islands_in(graph.barriers)
        self._boxes = np.array([_box(one) for one in graph.barriers], dtype=np.float64).reshape(-1, 4)

    def square(self, at: Square) -> bytes:
        """The GeoJSON of a square: a line for each kind of way, barriers, names of streets, gates where one sees houses."""
        links = self._within(at)
        features = [*self._barriers(at), *self._ways(at, links), *self._names(at, links)]
        if at.zoom >= GATES_FROM:
            features += self._gates(at)
        return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":")).encode()

    def _within(self, at: Square) -> Ints:
        """Links that touch the square, those of the longest streets where there are more than a view can show; in their own order."""
        fine = FINEST - at.zoom
        found: list[Ints] = []
        for column in range(at.x << fine, (at.x + 1) << fine):
            first, last = ((column << FINEST) + (row << fine) for row in (at.y, at.y + 1))
            start, end = np.searchsorted(self._key, (first, last))
            if end > start:
                found.append(self._links[start:end])
        if not found:
            return np.zeros(0, dtype=np.int32)
        links = np.unique(np.concatenate(found))
        most = MOST[at.zoom]
        if len(links) > most:
            longest = np.lexsort((links, -self._extent[links]))[:most]
            links = np.sort(links[longest])
        return links

    def _ways(self, at: Square, links: Ints) -> Iterator[dict[str, Any]]:
        kinds = self.graph.kind[links]
        rest = np.ones(len(links), dtype=np.bool_)
        for name, flag in (("steps", Way.STEPS), ("bridge", Way.BRIDGE), ("tunnel", Way.TUNNEL), ("street", 0)):
            chosen = rest & ((kinds & flag) != 0) if flag else rest
            if chosen.any():
                yield _feature(name, "MultiLineString", self._lines(links[chosen], at.zoom))
            rest &= ~chosen

    def _lines(self, links: Ints, zoom: int) -> list[list[list[float]]]:
        """Links strung together into lines, without what is smaller than a pixel at that zoom."""
        graph = self.graph
        chains = strung(graph.u[links].tolist(), graph.v[links].tolist())
        lines = [np.column_stack((graph.lon[chain], graph.lat[chain])) for chain in (np.array(one) for one in chains)]
        return thinned(lines, zoom)

    def _barriers(self, at: Square) -> Iterator[dict[str, Any]]:
        if not len(self._boxes):
            return
        west, south, east, north = at.corners
        boxes, holes = self._boxes, {hole for found in self._areas.values() for hole in found}
        for place in np.flatnonzero(
            (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
        ).tolist():
            barrier = self.graph.barriers[place]
            if place in holes:
                continue  # drawn with the area that it is in
            line = self._thinned(place, at.zoom)
            area = place in self._areas and len(line) > 3
            if line:
                islands = (self._thinned(one, at.zoom) for one in self._areas.get(place, ()))
                drawn = [line, *(one for one in islands if len(one) > 3)] if area else line
                yield _feature(barrier.kind, "Polygon" if area else "LineString", drawn, barrier.name)

    def _thinned(self, barrier: int, zoom: int) -> list[list[float]]:
        (line,) = thinned([np.array(self.graph.barriers[barrier].points, dtype=np.float64)], zoom) or ([],)
        return line

    def _names(self, at: Square, links: Ints) -> Iterator[dict[str, Any]]:
        """The names of the longest streets, each in the middle of its longest link in the square."""
        graph, most = self.graph, NAMES.get(at.zoom, 0)
        if not most or not graph.names:
            return
        west, south, east, north = at.corners
        best: dict[str, tuple[int, int]] = {}
        total: dict[str, int] = {}
        middle_lon, middle_lat = _middles(graph, links)
        inside = (middle_lon >= west) & (middle_lon < east) & (middle_lat >= south) & (middle_lat < north)
        for place in np.flatnonzero(inside).tolist():
            link = int(links[place])
            name = graph.names.get(int(graph.way[link]), "")
            if not name:
                continue
            length = int(graph.length[link])
            total[name] = total.get(name, 0) + length
            if (length, -link) > best.get(name, (-1, 0)):
                best[name] = (length, -link)
        for name in sorted(total, key=lambda one: (-total[one], one))[:most]:
            link = -best[name][1]
            spot = [_degrees(float(axis[graph.u[link]] + axis[graph.v[link]]) / 2) for axis in (graph.lon, graph.lat)]
            yield _feature("name", "Point", spot, name)

    def _gates(self, at: Square) -> Iterator[dict[str, Any]]:
        west, south, east, north = at.corners
        for gate in self.graph.gates:
            lon, lat = float(self.graph.lon[gate.node]), float(self.graph.lat[gate.node])
            if west <= lon < east and south <= lat < north:
                kind = "gate-shut" if gate.shut else "gate"
                yield _feature(kind, "Point", [_degrees(lon), _degrees(lat)], gate.name)


def _extents(graph: Graph) -> Longs:
    """How long the street of each link is, in decimetres; a link that belongs to none counts for itself."""
    lengths = graph.length.astype(np.int64)
    _ways, number = np.unique(graph.way, return_inverse=True)
    total = np.bincount(number, weights=lengths).astype(np.int64) if len(number) else lengths
    return np.where(graph.way >= 0, total[number], lengths) if len(number) else lengths


def _sorted(column: Longs, row: Longs, u: Ints, v: Ints) -> tuple[Longs, Ints]:
    """Each link under every finest square that its box touches, by square."""
    left, right = np.minimum(column[u], column[v]), np.maximum(column[u], column[v])
    top, bottom = np.minimum(row[u], row[v]), np.maximum(row[u], row[v])
    wide, high = right - left + 1, bottom - top + 1
    times = wide * high
    link = np.repeat(np.arange(len(u), dtype=np.int64), times)
    turn = np.arange(len(link)) - np.repeat(np.cumsum(times) - times, times)
    key = ((left[link] + turn % wide[link]) << FINEST) + top[link] + turn // wide[link]
    order = np.argsort(key, kind="stable")
    return key[order], link[order].astype(np.int32)


def _box(barrier: Barrier) -> tuple[float, float, float, float]:
    lon, lat = zip(*barrier.points, strict=True)
    return min(lon), min(lat), max(lon), max(lat)


def _middles(graph: Graph, links: Ints) -> tuple[Floats, Floats]:
    u, v = graph.u[links], graph.v[links]
    return (graph.lon[u] + graph.lon[v]) / 2, (graph.lat[u] + graph.lat[v]) / 2


def strung(u: Sequence[int], v: Sequence[int]) -> list[list[int]]:
    """Links put together into lines of nodes, each link in exactly one: from crossings and ends first, then what is left in rings."""
    at: dict[int, list[int]] = {}
    for link, (one, other) in enumerate(zip(u, v, strict=True)):
        at.setdefault(one, []).append(link)
        at.setdefault(other, []).append(link)
    used = bytearray(len(u))
    lines: list[list[int]] = []
    ends = [node for node, links in at.items() if len(links) != 2]
    for node in (*ends, *at):
        for link in at[node]:
            if not used[link]:
                lines.append(_followed(node, link, u, v, at, used))
    return lines


def _followed(node: int, link: int, u: Sequence[int], v: Sequence[int], at: dict[int, list[int]], used: bytearray) -> list[int]:
    line = [node]
    while True:
        used[link] = 1
        node = v[link] if u[link] == node else u[link]
        line.append(node)
        onward = at[node]
        if len(onward) != 2:
            return line
        link = onward[0] if onward[1] == link else onward[1]
        if used[link]:
            return line


def thinned(lines: Sequence[Floats], zoom: int) -> list[list[list[float]]]:
    """Lines without bends below half a pixel at that zoom (Douglas and Peucker, 1973), to a metre."""
    tolerance = 360.0 / (PIXELS << zoom) / 2
    made = shapely.simplify([shapely.LineString(line) for line in lines], tolerance, preserve_topology=False)
    return [shapely.get_coordinates(line).round(DEGREE).tolist() for line in made]


def _degrees(value: float) -> float:
    return round(value, DEGREE)


def _feature(kind: str, shape: str, where: Iterable[Any], name: str = "") -> dict[str, Any]:
    told = {"kind": kind, "name": name} if name else {"kind": kind}
    return {"type": "Feature", "properties": told, "geometry": {"type": shape, "coordinates": where}}
