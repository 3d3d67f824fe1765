"""Everything within a limit: how many places every node has in reach, which ones a home has, and how far one can walk from a point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linli.reach.graph import Ints, Longs
from linli.reach.network import Network, homes_on
from linli.reach.search.beside import along
from linli.reach.search.near import Squares, each
from linli.reach.search.starts import UNREACHED, Places, Starts, checked_limit, starts
from linli.reach.snapping import Snapped


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """How many places of each category every node has within the limit: int32 (categories, nodes)."""

    network: Network
    categories: tuple[str, ...]
    places: tuple[Places, ...]
    limit: int
    counts: Ints

    def at_homes(self) -> Ints:
        """Of every home on the network (see homes_on): int32 (categories, homes), UNREACHED for homes that were not joined."""
        homes = self.network.homes
        if homes is None:
            raise ValueError("the network has no homes: count on homes_on(network, homes)")
        found = np.full((len(self.categories), len(homes)), UNREACHED, np.int32)
        found[:, homes >= 0] = self.counts[:, homes[homes >= 0]]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Within:
    """Which places each home has within a limit: those of home h are place[first[h]:first[h + 1]], nearest first, with decimetres."""

    first: Longs
    place: Ints
    distance: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """How far every node is from where somebody starts walking: int32 decimetres (nodes), -1 beyond the limit."""

    network: Network
    start: Places
    limit: int
    distance: Ints

    def at(self, places: Snapped, begun: Starts | None = None) -> Ints:
        """Decimetres to places, both legs counted, -1 beyond the limit: int32 (places). begun: their starts, where they are asked often."""
        begun = begun or starts(self.network, places)
        found = np.full(len(places), self.limit + 1, np.int64)
        far = self.distance[begun.node].astype(np.int64) + begun.cost
        far[self.distance[begun.node] < 0] = self.limit + 1
        np.minimum.at(found, begun.by_rank[begun.rank], far)
        if isinstance(self.start, Snapped):
            (_, place), decimetres = along(self.network, self.start, places)
            np.minimum.at(found, place, decimetres)
        return np.where(found > self.limit, UNREACHED, found).astype(np.int32)


def counts(network: Network, places: Mapping[str, Places], limit: int, *, threads: int = 1) -> Counts:
    """Of every node and category how many places are within the limit (decimetres, itself included): one search per place.

    Cost: O(places * (nodes in reach + limit)); categories are shared among threads.
    """
    from linli.reach.search import kernels  # compiled code is loaded when it is first needed

    limit = checked_limit(limit)
    found = np.zeros((len(places), network.nodes), np.int32)
    begun = [starts(network, one) for one in places.values()]
    squares = Squares.of(network)

    def one(index: int) -> None:
        near = np.argsort(
            squares.at(begun[index].node), kind="stable"
        )  # each search finds in the processor what the one before it left there
        rows, node, cost = by_place(begun[index], _once(begun[index].by_rank[begun[index].rank[near]]))
        weight = np.ones(len(rows) - 1, np.int32)
        kernels.add_counts(network.back_first, network.back_to, network.back_length, rows, node, cost, weight, limit, found[index])

    each(one, len(begun), threads)
    return Counts(network, tuple(places), tuple(places.values()), limit, found)


def within(network: Network, homes: Snapped, places: Places, limit: int) -> Within:
    """Of every home which places are within the limit (decimetres, itself included), nearest first, ties by rank.

    Cost: O(places * (nodes in reach + limit)); memory 8 bytes per pair found.
    """
    from linli.reach.search import kernels  # compiled code is loaded when it is first needed

    limit = checked_limit(limit)
    placed = homes_on(network, homes)
    begun = starts(placed, places)
    rows, node, cost = by_place(begun)
    first_home = placed.nodes - int((homes.link >= 0).sum())
    row, which, decimetres = kernels.reached(
        placed.back_first, placed.back_to, placed.back_length, rows, node, cost, np.int32(first_home), limit
    )
    joined = np.flatnonzero(homes.link >= 0)
    home = joined[which - first_home]
    rank = np.empty(len(begun.by_rank), np.int32)
    rank[begun.by_rank] = np.arange(len(rank), dtype=np.int32)
    place = np.repeat(np.arange(len(rank), dtype=np.int32), np.diff(row))
    order = np.lexsort((rank[place], decimetres, home))
    first = np.zeros(len(homes) + 1, np.int64)
    np.cumsum(np.bincount(home, minlength=len(homes)), out=first[1:])
    return Within(first, place[order], decimetres[order])


def spread(network: Network, start: Places, limit: int) -> Spread:
    """How far every node is on foot from one point (or from the nearest of several), within the limit in decimetres.

    Cost: O(nodes + limit + arcs in reach).
    """
    from linli.reach.search import kernels  # compiled code is loaded when it is first needed

    limit, begun = checked_limit(limit), starts(network, start, leaving=True)
    found = np.empty((1, 2 * network.nodes), np.int32)
    arcs, whole, row = (network.first, network.to, network.length), np.array([0, len(begun.node)]), np.zeros(1, np.int64)
    rows = found.view(np.int64), found
    kernels.nearest_places(*arcs, begun.node, begun.cost, begun.rank, whole, row, begun.by_rank, limit, *rows)
    return Spread(network, start, limit, found[0, : network.nodes].copy())


def _once(places: Ints) -> Ints:
    """Each place where it first comes."""
    first: Ints = places[np.sort(np.unique(places, return_index=True)[1])]
    return first


def by_place(begun: Starts, wanted: npt.NDArray[np.integer] | None = None) -> tuple[Ints, Ints, Ints]:
    """The starts put together by place, of all or of those wanted in that order: where each place's begin, their nodes and decimetres."""
    place = begun.by_rank[begun.rank]
    order = np.argsort(place, kind="stable")
    rows = np.zeros(len(begun.by_rank) + 1, np.int32)
    np.cumsum(np.bincount(place, minlength=len(begun.by_rank)), out=rows[1:])
    if wanted is not None:
        many = np.diff(rows)[wanted]
        first = np.zeros(len(wanted) + 1, np.int32)
        np.cumsum(many, out=first[1:])
        order = order[np.repeat(rows[wanted] - first[:-1], many) + np.arange(first[-1])]
        rows = first
    return rows, begun.node[order], begun.cost[order]
