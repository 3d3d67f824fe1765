"""Points put on the network: the nearest place on a link, the straight leg to it, and for each that has none the reason.

A leg never crosses a barrier: where the nearest place on every link within reach lies behind a river or a wall, the point is not on
the network, and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
import numpy.typing as npt

from linli.reach.graph import Floats, Graph, Ints
from linli.reach.metric import Bools, decimetres, degree_metres
from linli.reach.waters import Waters

if TYPE_CHECKING:
    from linli.reach.ground import Grid

MOST_METRES: Final = 200
"""How far from the nearest link a point may lie unless told otherwise."""
ISLAND_SHARE: Final = 20
"""A part of the network with less than one in so many of the largest part's nodes is an island."""
_BRIDGE_DECIMETRES: Final = 150  # nearer to its link than this a point over water stands on a bridge or a pier


class Why(IntEnum):
    """Why a point is not on the network, or what is doubtful about one that is."""

    FINE = 0
    TOO_FAR = 1
    ACROSS_BARRIER = 2
    OUTSIDE = 3
    SWAPPED = 4
    NOT_FINITE = 5
    ISLAND = 6  # on the network, but on a small part of it with no way to the rest
    IN_WATER = 7  # on the network, but standing in water


WORDS: Final = {
    Why.TOO_FAR: ("附近没有可以步行的道路", "no link that can be walked is near enough"),
    Why.ACROSS_BARRIER: ("附近的道路都在河、铁路或围墙的另一侧", "every link near it lies behind a river, a railway or a wall"),
    Why.OUTSIDE: ("在路网范围之外", "outside the network"),
    Why.SWAPPED: ("经度和纬度很可能写反了", "longitude and latitude are most likely swapped"),
    Why.NOT_FINITE: ("坐标不是数字", "a coordinate is not a number"),
    Why.ISLAND: ("所在的道路与其余路网不相通", "on a part of the network with no way to the rest"),
    Why.IN_WATER: ("位置在水里，请核对坐标", "it stands in water; check its coordinates"),
}


class Walked(Protocol):
    """What is needed of a network: its graph, and which links can be used."""

    @property
    def graph(self) -> Graph: ...
    @property
    def usable(self) -> Bools: ...


@dataclass(frozen=True, slots=True)
class Problem:
    """One point for people to look at. metres: to the place on the network, None where it has none."""

    index: int
    id: str
    lon: float | None
    lat: float | None
    why: Why
    metres: float | None = None

    def words(self, chinese: bool) -> str:
        """The reason in words."""
        return WORDS[self.why][0 if chinese else 1]


@dataclass(frozen=True, slots=True, eq=False)
class Snapped:
    """Where n points lie on the network. link: -1 where a point has no place on it. from_u, from_v: decimetres along the link from its
    ends, together its length. leg: decimetres of the straight line to it; at -1 all three are 0 and mean nothing. why: of Why.
    lon, lat: the points as they were given.
    """

    link: Ints
    from_u: Ints
    from_v: Ints
    leg: Ints
    why: npt.NDArray[np.uint8]
    ids: Sequence[str] | None = None
    lon: Floats | None = None
    lat: Floats | None = None

    def __len__(self) -> int:
        return len(self.link)

    def part(self, which: npt.NDArray[np.integer]) -> Snapped:
        """Some of the points, in that order."""
        lon, lat = (None if column is None else column[which] for column in (self.lon, self.lat))
        ids = None if self.ids is None else tuple(self.ids[at] for at in which)
        return Snapped(self.link[which], self.from_u[which], self.from_v[which], self.leg[which], self.why[which], ids, lon, lat)

    def problems(self) -> list[Problem]:
        """Every point that isn't on the network, is on an island of it or stands in water, in the order given."""
        return [
            Problem(
                at,
                self.ids[at] if self.ids else str(at),
                float(self.lon[at]) if self.lon is not None else None,
                float(self.lat[at]) if self.lat is not None else None,
                Why(int(self.why[at])),
                float(self.leg[at]) / 10 if self.link[at] >= 0 else None,
            )
            for at in np.flatnonzero(self.why).tolist()
        ]


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A network sorted for snapping: made once (O(links)), then asked for single points or many."""

    graph: Graph
    usable: Bools
    links: Grid
    walls: Grid
    island: Bools
    box: tuple[float, float, float, float]
    waters: Waters

    def snap(
        self,
        lon: npt.ArrayLike,
        lat: npt.ArrayLike,
        *,
        most_metres: float = MOST_METRES,
        ids: Sequence[object] | None = None,
        through: bool = False,
    ) -> Snapped:
        """Each point to the nearest place on a usable link that its straight leg reaches without crossing a barrier, the link of the
        smallest index among those equally near. Degrees in WGS-84. through: legs may cross barriers, where only the distance matters.
        Nearly constant time a point in an ordinary town.
        """
        x, y = np.atleast_1d(np.asarray(lon, np.float64)), np.atleast_1d(np.asarray(lat, np.float64))
        n = len(x)
        why = np.zeros(n, np.uint8)
        finite = np.isfinite(x) & np.isfinite(y) & (np.abs(y) <= 90.0) & (np.abs(x) <= 180.0)
        why[~(np.isfinite(x) & np.isfinite(y))] = Why.NOT_FINITE
        asked = np.flatnonzero(finite & self._inside(x, y, most_metres))
        link, share, leg, blocked = (
            np.full(len(asked), -1, np.int32),
            np.zeros(len(asked)),
            np.zeros(len(asked)),
            np.zeros(len(asked), bool),
        )
        self._nearest(x[asked], y[asked], most_metres, through, link, share, leg, blocked)
        why[asked] = np.where(link >= 0, Why.FINE, np.where(blocked, Why.ACROSS_BARRIER, Why.TOO_FAR))
        outside = np.isfinite(x) & np.isfinite(y)
        outside[asked] = False
        why[outside] = Why.OUTSIDE
        why[outside & self._inside(y, x, most_metres)] = Why.SWAPPED
        found = np.zeros((3, n), np.int32)
        where = np.full(n, -1, np.int32)
        on = link >= 0
        at, hit = asked[on], link[on]
        where[at] = hit
        length = self.graph.length[hit]
        along = np.rint(share[on] * length).astype(np.int32)
        found[:, at] = along, length - along, decimetres(leg[on])
        why[at[self.island[self.graph.u[hit]]]] = Why.ISLAND
        away = at[(found[2, at] > _BRIDGE_DECIMETRES) & (why[at] == Why.FINE)]
        why[away[self.waters.holding(x[away], y[away])]] = Why.IN_WATER
        return Snapped(where, found[0], found[1], found[2], why, tuple(map(str, ids)) if ids is not None else None, x, y)

    def _inside(self, x: Floats, y: Floats, most: float) -> Bools:
        west, south, east, north = self.box
        across, up = degree_metres((south + north) / 2)
        # A little more than what is asked: the network decides, the box only spares the search.
        wide, tall = 1.1 * most / across, 1.1 * most / up
        with np.errstate(invalid="ignore"):
            inside: Bools = (x >= west - wide) & (x <= east + wide) & (y >= south - tall) & (y <= north + tall)
        return inside

    def _nearest(self, x: Floats, y: Floats, most: float, through: bool, link: Ints, share: Floats, leg: Floats, blocked: Bools) -> None:
        if not len(x) or not len(self.usable):
            return
        from linli.reach.ground import nearest_lines  # compiled code is loaded when it is first needed

        grid, wall = self.links, self.walls
        east, north = degree_metres(y)
        south, top = self.box[1], self.box[3]
        slack = min(1.0, *(float(degree_metres(edge)[0]) / grid.scale[0] for edge in (south - 0.01, top + 0.01))) * 0.99
        offset = (wall.corner[0] - grid.corner[0]) * grid.scale[0], (wall.corner[1] - grid.corner[1]) * grid.scale[1]
        nearest_lines(
            x, y, east, north, grid.corner, grid.scale, grid.size, grid.shape, grid.first, grid.item, grid.ends, self.usable,
            (wall.first, wall.item, wall.ends, wall.size, *wall.shape, *offset), np.full(len(wall.ends), through),
            float(most), slack, link, share, leg, blocked,
        )  # fmt: skip


def ground_of(network: Walked) -> Ground:
    """A network made ready for snapping; keep it where points come one by one."""
    from linli.reach.ground import grid_of, segments

    graph = network.graph
    usable = np.ascontiguousarray(network.usable, np.bool_)
    u, v = graph.u, graph.v
    links = grid_of(np.column_stack([graph.lon[u], graph.lat[u], graph.lon[v], graph.lat[v]]))
    walls = grid_of(segments(graph.barriers)[0], links.scale)
    used = np.concatenate([u[usable], v[usable]])
    if not len(used):
        return Ground(graph, usable, links, walls, np.zeros(len(graph.key), bool), (0.0, 0.0, 0.0, 0.0), Waters(()))
    x, y = graph.lon[used], graph.lat[used]
    box = (float(x.min()), float(y.min()), float(x.max()), float(y.max()))
    return Ground(graph, usable, links, walls, islands(graph, usable)[2], box, Waters(graph.barriers))


def snap(
    network: Walked,
    lon: npt.ArrayLike,
    lat: npt.ArrayLike,
    *,
    most_metres: float = MOST_METRES,
    ids: Sequence[object] | None = None,
) -> Snapped:
    """Points put on a network: ground_of(network).snap(…). 100,000 points on 300,000 links take about a second."""
    return ground_of(network).snap(lon, lat, most_metres=most_metres, ids=ids)


def islands(graph: Graph, usable: Bools) -> tuple[Ints, npt.NDArray[np.int64], Bools]:
    """Which part of the network each node is on, how many nodes each part has, and which nodes are on parts far smaller than the
    largest. Gates count as open, and links as walked both ways. O(n + m).
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(graph.key)
    u, v = graph.u[usable], graph.v[usable]
    count, part = connected_components(coo_array((np.ones(len(u), np.int8), (u, v)), shape=(n, n)), directed=False)
    sizes = np.bincount(part, minlength=count)
    return part, sizes, (sizes * ISLAND_SHARE < sizes.max())[part]
