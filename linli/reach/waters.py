"""Known water areas, and which points stand in one: a home in a river or a shop in a lake has a wrong position."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from linli.reach.graph import Barrier, Floats
from linli.reach.metric import Bools

if TYPE_CHECKING:
    from shapely import STRtree

ON_WATER: Final = frozenset({"river", "canal", "water", "coast"})
"""Barriers that are water, or its edge."""
_AREAS: Final = frozenset({"water", "river"})


class Waters:
    """The outlines of water areas, sorted. Made in O(points of the outlines · log)."""

    def __init__(self, barriers: tuple[Barrier, ...]) -> None:
        # An island's outline is one more: a point within both stands on land.
        outlines = {one.points for one in barriers if one.kind in _AREAS and len(one.points) > 3 and one.points[0] == one.points[-1]}
        self._tree: STRtree | None = None
        if outlines:
            from shapely import Polygon, STRtree

            self._tree = STRtree([Polygon(outline) for outline in sorted(outlines)])

    def holding(self, lon: Floats, lat: Floats) -> Bools:
        """Which points (degrees, WGS-84) stand in water; one that isn't finite doesn't."""
        found = np.zeros(len(lon), np.bool_)
        good = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
        if self._tree is not None and len(good):
            from shapely import points

            within = self._tree.query(points(lon[good], lat[good]), predicate="within")[0]
            found[good] = np.bincount(within, minlength=len(good)) % 2 == 1
        return found
