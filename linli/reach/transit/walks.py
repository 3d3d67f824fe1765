"""Walks to, between and from stops: on a network, or straight lines made longer by a stated factor where there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from linli.reach.graph import Floats, Ints, Longs
from linli.reach.metric import degree_metres, straight
from linli.reach.network import Network
from linli.reach.profiles import Profile
from linli.reach.snapping import Snapped

DETOUR: Final = 1.3
"""How much longer than the straight line a walk is where no network says it: the usual value for towns (Boscoe et al. 2012 found 1.4
for journeys by road, Ballou et al. 2002 1.2 to 1.5 by country)."""


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """Walks from points to points: of from-point i those in first[i]:first[i + 1], with the other point and seconds."""

    first: Longs
    to: Ints
    seconds: Longs

    @property
    def starts(self) -> Longs:
        """Where each walk begins."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))

    def turned(self, count: int) -> Walk:
        """The same walks by where they end; count: how many such points there are."""
        start = self.starts
        order = np.lexsort((start, self.to))
        first = np.searchsorted(self.to[order], np.arange(count + 1))
        return Walk(first, start[order].astype(np.int32), self.seconds[order])


@dataclass(frozen=True, slots=True, eq=False)
class Walks:
    """From each village to stops and to seats, from stop to stop, from stop to seat."""

    to_stop: Walk
    direct: Walk
    change: Walk
    to_seat: Walk


@dataclass(frozen=True, slots=True)
class Reach:
    """How far people walk to and from a stop, and from one stop to another where they change: metres on the way."""

    walk: int = 2000
    change: int = 500


Positions = tuple[Floats, Floats]


def straight_walks(villages: Positions, stops: Positions, seats: Positions, way: Profile, reach: Reach, detour: float = DETOUR) -> Walks:
    """Straight lines times `detour`. Each pair: lon, lat (degrees, WGS-84); a point that isn't finite walks nowhere."""

    def walks(one: Positions, other: Positions, most: int) -> Walk:
        return _straight(one, other, way, most, detour)

    return Walks(
        walks(villages, stops, reach.walk),
        walks(villages, seats, reach.walk),
        walks(stops, stops, reach.change),
        walks(stops, seats, reach.walk),
    )


def network_walks(network: Network, villages: Snapped, stops: Snapped, seats: Snapped, reach: Reach) -> Walks:
    """Walks on a network of one profile; points that are not on it walk nowhere."""

    def walks(one: Snapped, other: Snapped, most: int) -> Walk:
        from linli.reach.search import within  # compiled code is loaded when it is first needed

        found = within(network, one, other, most * 10)
        return Walk(found.first, found.place, _seconds(found.distance.astype(np.int64), network.profile))

    return Walks(
        walks(villages, stops, reach.walk),
        walks(villages, seats, reach.walk),
        walks(stops, stops, reach.change),
        walks(stops, seats, reach.walk),
    )


def _straight(one: Positions, other: Positions, way: Profile, most: int, detour: float) -> Walk:
    """Looked for on a plane a little too wide, measured on the ellipsoid."""
    from scipy.spatial import cKDTree  # scipy is loaded when it is first needed

    good, there = (np.flatnonzero(np.isfinite(lon) & np.isfinite(lat)) for lon, lat in (one, other))
    count = len(one[0])
    if not len(good) or not len(there):
        return Walk(np.zeros(count + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int64))
    east, north = degree_metres(np.abs(np.concatenate([one[1][good], other[1][there]])).max())
    near = cKDTree(np.column_stack([other[0][there] * east, other[1][there] * north]))
    found = near.query_ball_point(np.column_stack([one[0][good] * east, one[1][good] * north]), 1.02 * most / detour + 1)
    start = np.repeat(good, [len(ones) for ones in found])
    end = there[np.concatenate([np.asarray(ones, np.int64) for ones in found])] if len(start) else np.zeros(0, np.int64)
    decimetres = np.rint(straight(one[0][start], one[1][start], other[0][end], other[1][end]) * detour * 10).astype(np.int64)
    kept = decimetres <= most * 10
    start, end, decimetres = start[kept], end[kept], decimetres[kept]
    order = np.lexsort((end, start))
    first = np.searchsorted(start[order], np.arange(count + 1))
    return Walk(first, end[order].astype(np.int32), _seconds(decimetres[order], way))


def _seconds(decimetres: Longs, way: Profile) -> Longs:
    """Whole seconds, a begun one counted."""
    return -(-decimetres * 360 // way.metres_per_hour)
