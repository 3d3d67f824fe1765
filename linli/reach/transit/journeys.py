"""From every village to its county seat: walk, wait, ride, change, walk; the shortest expected time, and what it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from linli.reach.graph import Floats, Ints, Longs
from linli.reach.transit.rides import Rides
from linli.reach.transit.walks import Walks

if TYPE_CHECKING:
    from scipy.sparse import csr_array

UNREACHED = -1
_SHIFT = 11  # below the seconds of a cost: how many rides and changes, so that the simplest of equally quick journeys wins


@dataclass(frozen=True, slots=True)
class Leg:
    """A ride: places in feed.stops and lines; seconds."""

    line: int
    board: int
    alight: int
    wait: int
    aboard: int


@dataclass(frozen=True, slots=True)
class Journey:
    """One village's. seat: which, -1 for none reached. seconds: in all, -1 for none; walked, waited, aboard: its parts. legs: none where
    walking all the way is quickest."""

    seat: int
    seconds: int
    walked: int
    waited: int
    aboard: int
    legs: tuple[Leg, ...]


NOWHERE = Journey(-1, UNREACHED, 0, 0, 0, ())


def journeys(rides: Rides, walks: Walks, *, stops: int, seats: int, own: Ints | None = None) -> list[Journey]:
    """Each village's quickest journey to its own seat (own: which, -1 for any), or to the seat that is quickest to reach.

    Of equally quick ones the one with the fewest rides, then the first seat and stop. No walk follows another: one leads to the first
    stop, one at most to the next line, one from the last stop. Cost: a shortest-path search over the stops for every seat.
    """
    from scipy.sparse.csgraph import dijkstra  # scipy is loaded when it is first needed

    graph = _backwards(rides, walks, stops, seats)
    searched = dijkstra(graph, indices=np.arange(2 * stops, 2 * stops + seats), return_predecessors=True) if seats else ((), ())
    cost, following = np.asarray(searched[0]), np.asarray(searched[1])
    ride = {(b, a): at for at, (b, a) in enumerate(zip(rides.board.tolist(), rides.alight.tolist(), strict=True))}
    found = []
    for village in range(len(walks.to_stop.first) - 1):
        wanted = int(own[village]) if own is not None else -1
        best = (np.inf, -1, -1)
        for seat in range(seats) if wanted < 0 else (wanted,):
            best = min(best, _quickest(village, seat, walks, cost[seat]))
        found.append(_told(best, following, rides, ride, stops))
    return found


def _backwards(rides: Rides, walks: Walks, stops: int, seats: int) -> csr_array:
    """From seats back to where one boards: node s is stop s where one waits, stops + s where one has alighted, 2 * stops + t seat t."""
    from scipy.sparse import coo_array  # scipy is loaded when it is first needed

    count = 2 * stops + seats
    rows = [stops + rides.alight.astype(np.int64)]
    columns = [rides.board.astype(np.int64)]
    weights = [_cost(rides.wait + rides.aboard, 1)]
    for walk, end in ((walks.change, 0), (walks.to_seat, 2 * stops)):
        begin = np.repeat(np.arange(stops), np.diff(walk.first))
        kept = walk.to != begin if walk is walks.change else np.ones(len(begin), bool)
        rows.append(end + walk.to[kept].astype(np.int64))
        columns.append(stops + begin[kept])
        weights.append(_cost(walk.seconds[kept], 1))
    rows.append(np.arange(stops))  # changing where one is takes no walk
    columns.append(stops + np.arange(stops))
    weights.append(_cost(np.zeros(stops, np.int64), 1))
    matrix = coo_array((np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))), shape=(count, count))
    return matrix.tocsr()


def _cost(seconds: Longs, steps: int) -> Floats:
    return ((seconds << _SHIFT) + steps).astype(np.float64)


def _quickest(village: int, seat: int, walks: Walks, cost: Floats) -> tuple[float, int, int]:
    """Cost, seat and first stop (-1: on foot all the way) of a village's quickest journey to a seat."""
    best = (np.inf, -1, -1)
    here = slice(int(walks.direct.first[village]), int(walks.direct.first[village + 1]))
    for at in (here.start + np.flatnonzero(walks.direct.to[here] == seat)).tolist():
        best = min(best, (float((int(walks.direct.seconds[at]) << _SHIFT) + 1), seat, -1))
    here = slice(int(walks.to_stop.first[village]), int(walks.to_stop.first[village + 1]))
    if here.stop > here.start:
        total = _cost(walks.to_stop.seconds[here], 1) + cost[walks.to_stop.to[here]]
        at = int(np.argmin(total))
        if np.isfinite(total[at]):
            best = min(best, (float(total[at]), seat, int(walks.to_stop.to[here][at])))
    return best


def _told(
    best: tuple[float, int, int],
    following: Ints,
    rides: Rides,
    ride: dict[tuple[int, int], int],
    stops: int,
) -> Journey:
    """The journey step by step, by the search's tree."""
    total, seat, stop = best
    if not np.isfinite(total):
        return NOWHERE
    seconds, legs, node = int(total) >> _SHIFT, [], stop
    while 0 <= node < 2 * stops:
        after = int(following[seat][node])
        if node < stops:
            at = ride[node, after - stops]
            legs.append(Leg(int(rides.line[at]), node, after - stops, int(rides.wait[at]), int(rides.aboard[at])))
        node = after
    waited, aboard = sum(leg.wait for leg in legs), sum(leg.aboard for leg in legs)
    return Journey(seat, seconds, seconds - waited - aboard, waited, aboard, tuple(legs))
