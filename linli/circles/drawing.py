"""A circle's map as SVG, drawn from the network in use: streets, rivers and walls, the boundary, homes and places; no tiles, no letters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape

from linli.circles.reckoning.figures import Scene, Walks, farthest
from linli.circles.reckoning.people import Bools, Bounds
from linli.reach import profiles
from linli.reach.metric import degree_metres
from linli.reach.search import spread
from linli.reach.waters import ON_WATER

WIDTH, MARGIN_METRES, TALLEST = 1000, 150.0, 0.62
"""Units across, metres shown round the circle, and how tall a map may be at most for its width."""
INK, WATER, EDGE, SHOP, WALL = "#1f3d5c", "#2c7fb8", "#a8201a", "#a34a00", "#333333"
AROUND_DEGREES = 0.0004  # some forty metres round the outermost crossings
Lines = Iterable[Sequence[tuple[float, float]]]


@dataclass(frozen=True, slots=True)
class Frame:
    """What part of the earth a map shows, and how many units a degree is."""

    west: float
    south: float
    east: float
    north: float
    across: float
    up: float

    @property
    def height(self) -> float:
        """Units from top to bottom."""
        return (self.north - self.south) * self.up

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Units from the left and from the top."""
        return (lon - self.west) * self.across, (self.north - lat) * self.up

    def metres(self) -> float:
        """How many metres a unit is."""
        return float(degree_metres((self.south + self.north) / 2)[1]) / self.up


def drawn(scene: Scene, done: Walks, circle: int, trades: Sequence[str]) -> str:
    """The map of a circle by its place among the scene's. trades: norms; a home is filled where it reaches all of them."""
    homes = scene.scopes.homes(circle)
    homes = homes[scene.people.positioned[homes]]
    bounds = scene.circles[circle]
    edge = shape(bounds.polygon) if bounds.polygon is not None else _hull(scene, done, bounds)
    frame = _frame(edge.bounds)
    graph = scene.grounds.graph
    shown = _within(frame, graph.lon, graph.lat)
    links = np.flatnonzero(shown[graph.u] | shown[graph.v])
    ends = np.column_stack([graph.lon[graph.u[links]], graph.lat[graph.u[links]], graph.lon[graph.v[links]], graph.lat[graph.v[links]]])
    streets = (((float(a), float(b)), (float(c), float(d))) for a, b, c, d in ends)
    reached = _all_reached(scene, done, trades)
    parts = [
        f'<rect width="{WIDTH}" height="{frame.height:.0f}" fill="#fbfaf7"/>',
        _path(frame, (one.points for one in graph.barriers if one.kind in ON_WATER), WATER, 7),
        _path(frame, streets, "#b9b4a8", 2.2),
        _path(frame, (one.points for one in graph.barriers if one.kind not in ON_WATER), WALL, 1.6, "2 4"),
        _path(frame, _rings(edge), EDGE, 4, "14 8"),
        *(_square(frame, float(lon), float(lat)) for lon, lat in _places(scene, frame)),
        *(_dot(frame, float(scene.people.lon[home]), float(scene.people.lat[home]), bool(reached[home])) for home in homes),
        _scale(frame),
    ]
    box = f"0 0 {WIDTH} {frame.height:.0f}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" width="{WIDTH}" height="{frame.height:.0f}">{"".join(parts)}</svg>'


def _hull(scene: Scene, done: Walks, bounds: Bounds) -> Any:
    """Round everything within the walk of a circle's centre."""
    how = profiles.profile(bounds.profile)
    lon, lat = np.array([bounds.lon or 0.0]), np.array([bounds.lat or 0.0])
    network = next(walk.network for (name, _), walk in done.items() if name == bounds.profile)
    near = spread(network, scene.grounds.snap(bounds.profile, lon, lat, [bounds.code]), how.limit(bounds.minutes or 0)).distance >= 0
    graph = scene.grounds.graph
    points = np.column_stack([np.append(graph.lon[near], lon), np.append(graph.lat[near], lat)])
    return shapely.concave_hull(shapely.multipoints(points), ratio=0.3).buffer(AROUND_DEGREES)


def _frame(box: tuple[float, float, float, float]) -> Frame:
    west, south, east, north = box
    across, up = (float(one) for one in degree_metres((south + north) / 2))
    west, east = west - MARGIN_METRES / across, east + MARGIN_METRES / across
    south, north = south - MARGIN_METRES / up, north + MARGIN_METRES / up
    wide, tall = (east - west) * across, (north - south) * up
    if tall > wide * TALLEST:
        more = (tall / TALLEST - wide) / 2 / across
        west, east, wide = west - more, east + more, tall / TALLEST
    unit = WIDTH / wide
    return Frame(west, south, east, north, across * unit, up * unit)


def _within(frame: Frame, lon: Any, lat: Any) -> Bools:
    found: Bools = (lon >= frame.west) & (lon <= frame.east) & (lat >= frame.south) & (lat <= frame.north)
    return found


def _places(scene: Scene, frame: Frame) -> Iterable[tuple[float, float]]:
    shown = _within(frame, scene.places.lon, scene.places.lat)
    return zip(scene.places.lon[shown], scene.places.lat[shown], strict=True)


def _all_reached(scene: Scene, done: Walks, trades: Sequence[str]) -> Bools:
    reached = np.ones(len(scene.people), bool)
    for norm in scene.norms:
        if norm.key in trades:
            profile = scene.groups[norm.group].profile
            far = farthest(done, norm, profile)
            reached &= (far >= 0) & (far <= norm.limit(profiles.profile(profile)))
    return reached


def _rings(edge: Any) -> Lines:
    for part in getattr(edge, "geoms", [edge]):
        yield [(float(lon), float(lat)) for lon, lat in part.exterior.coords]


def _path(frame: Frame, lines: Lines, stroke: str, width: float, dash: str = "") -> str:
    steps = []
    for line in lines:
        points = [frame.at(lon, lat) for lon, lat in line]
        across, down = zip(*points, strict=True)  # a long piece may cross the map without an end in it
        if max(across) >= 0 and min(across) <= WIDTH and max(down) >= 0 and min(down) <= frame.height:
            steps.append("M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in points))
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="{"".join(steps) or "M0 0"}" fill="none" stroke="{stroke}" stroke-width="{width}"{dashed}/>'


def _dot(frame: Frame, lon: float, lat: float, reached: bool) -> str:
    x, y = frame.at(lon, lat)
    return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="6.5" fill="{INK if reached else "#fff"}" stroke="{INK}" stroke-width="2"/>'


def _square(frame: Frame, lon: float, lat: float) -> str:
    x, y = frame.at(lon, lat)
    return f'<rect x="{x - 4.5:.0f}" y="{y - 4.5:.0f}" width="9" height="9" fill="{SHOP}"/>'


def _scale(frame: Frame) -> str:
    """A bar of 200 metres, bottom left."""
    long, bottom = 200 / frame.metres(), frame.height - 18
    return f'<path d="M18 {bottom - 8:.0f}V{bottom:.0f}H{18 + long:.0f}V{bottom - 8:.0f}" fill="none" stroke="#222" stroke-width="3"/>'
