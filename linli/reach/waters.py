"""Known water areas, and which points stand in one: a home in a river or a shop in a lake has a wrong position."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from linli.reach.graph import Barrier, Floats
from linli.reach.metric import Bools

if TYPE_CHECKING:
    from shapely import STRtree

ON_WATER: Final = frozenset({"river", "canal", "water", "coast"})
"""Barriers that are water, or its edge."""
_AREAS: Final = frozenset({"water", "river"})


def islands_in(barriers: Sequence[Barrier]) -> dict[int, tuple[int, ...]]:
    """The outlines of water areas, as places in the barriers, each with those of its islands; a pond on an island is an area of its own.

    An island is of the smallest area of its kind and name that holds it. O(points of the outlines · log).
    """
    from shapely import Polygon, STRtree, points

    closed = [at for at, one in enumerate(barriers) if one.kind in _AREAS and len(one.points) > 3 and one.points[0] == one.points[-1]]
    outer = [at for at in closed if not barriers[at].hole]
    found: dict[int, list[int]] = {at: [] for at in outer}
    shapes = [Polygon(barriers[at].points) for at in outer]
    tree = STRtree(shapes)
    for hole in (at for at in closed if barriers[at].hole):
        one = barriers[hole]
        within = np.bincount(tree.query(points(one.points), predicate="intersects")[1], minlength=len(outer)) == len(one.points)
        owners = [at for at in np.flatnonzero(within) if (barriers[outer[at]].kind, barriers[outer[at]].name) == (one.kind, one.name)]
        if owners:
            found[outer[min(owners, key=lambda at: float(shapes[at].area))]].append(hole)
    return {at: tuple(holes) for at, holes in found.items()}


class Waters:
    """The outlines of water areas, sorted. Made in O(points of the outlines · log)."""

    def __init__(self, barriers: tuple[Barrier, ...]) -> None:
        self._tree: STRtree | None = None
        if any(one.kind in _AREAS for one in barriers):
            from shapely import Polygon, STRtree

            found = islands_in(barriers)
            self._tree = STRtree([Polygon(barriers[at].points, [barriers[hole].points for hole in holes]) for at, holes in found.items()])

    def holding(self, lon: Floats, lat: Floats) -> Bools:
        """Which points (degrees, WGS-84) stand in water; one that isn't finite doesn't."""
        found = np.zeros(len(lon), np.bool_)
        good = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
        if self._tree is not None and len(good):
            from shapely import points

            within = self._tree.query(points(lon[good], lat[good]), predicate="within")[0]
            found[good[within]] = True
        return found
