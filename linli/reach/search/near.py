"""The nearest places of every node, by category, or the k nearest; and the same for homes, which lie on links."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from linli.reach.graph import Floats, Ints, Longs
from linli.reach.network import Network
from linli.reach.search.beside import labels_at
from linli.reach.search.starts import Places, Starts, checked_limit, starts
from linli.reach.snapping import Snapped

MOST_NEAREST = 64
NEIGHBOURHOOD = 16_000  # nodes: with their arcs about what a core keeps in its own cache


@dataclass(frozen=True, slots=True, eq=False)
class Several:
    """The k nearest places of every node, nearest first. distance (decimetres), place: int32 (nodes, k), -1 where fewer are in reach."""

    network: Network
    places: Places
    starts: Starts
    limit: int
    distance: Ints
    place: Ints

    def at(self, homes: Snapped) -> tuple[Ints, Ints]:
        """Decimetres and places of the k nearest of every home, both legs counted: int32 (homes, k) each."""
        return labels_at(self.network, self.places, self.starts, self.limit, self.distance, self.place, homes)


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """The nearest place of each category. distance (decimetres), place (its number in its list): int32 (categories, nodes), -1: none."""

    network: Network
    categories: tuple[str, ...]
    places: tuple[Places, ...]
    starts: tuple[Starts, ...]
    limit: int
    distance: Ints
    place: Ints

    def at(self, homes: Snapped) -> tuple[Ints, Ints]:
        """Decimetres and places of every category's nearest of every home, both legs counted: int32 (categories, homes) each."""
        distance = np.empty((len(self.categories), len(homes)), np.int32)
        place = np.empty_like(distance)
        leaving = starts(self.network, homes, leaving=True)
        for index, places in enumerate(self.places):
            known = self.distance[index][:, None], self.place[index][:, None]
            found = labels_at(self.network, places, self.starts[index], self.limit, *known, homes, leaving)
            distance[index], place[index] = found[0][:, 0], found[1][:, 0]
        return distance, place


def nearest(network: Network, places: Mapping[str, Places], limit: int, *, threads: int = 1) -> Nearest:
    """Of every node and category the nearest place within the limit (decimetres, itself included): one search per category.

    Cost: O(nodes + arcs + limit) per category; categories are shared among threads. Memory: 8 bytes per node and category.
    """
    limit = checked_limit(limit)
    begun = tuple(starts(network, one) for one in places.values())
    distance = np.empty((len(begun), network.nodes), np.int32)
    place = np.empty_like(distance)

    def one(index: int) -> None:
        _search(network, begun[index], limit, distance[index], place[index])

    each(one, len(begun), threads)
    return Nearest(network, tuple(places), tuple(places.values()), begun, limit, distance, place)


def several(network: Network, places: Places, k: int, limit: int) -> Several:
    """Of every node the k nearest places within the limit (decimetres, itself included), nearest first.

    Cost: O(k * (nodes + arcs) + limit). LinliError for a k below 1 or above MOST_NEAREST.
    """
    from linli.reach.search import labels  # compiled code is loaded when it is first needed

    if not 1 <= k <= MOST_NEAREST:
        raise ValueError(f"k is 1 to {MOST_NEAREST}, not {k}")
    limit, begun = checked_limit(limit), starts(network, places)
    distance = np.empty((network.nodes, k), np.int32)
    place = np.empty_like(distance)
    arcs = network.back_first, network.back_to, network.back_length
    found = labels.nearest_labels(*arcs, begun.node, begun.cost, begun.rank, k, limit)
    labels.read_labels(found, begun.by_rank, distance.reshape(-1), place.reshape(-1))
    return Several(network, places, begun, limit, distance, place)


def each(work: object, number: int, threads: int) -> None:
    """Do work(0) … work(number - 1), on several threads if wanted: compiled searches hold no lock."""
    assert callable(work)
    if threads <= 1 or number <= 1:
        for index in range(number):
            work(index)
        return
    with ThreadPoolExecutor(min(threads, number)) as pool:
        list(pool.map(work, range(number)))


def _search(network: Network, begun: Starts, limit: int, distance: Ints, place: Ints) -> None:
    from linli.reach.search import kernels  # compiled code is loaded when it is first needed

    order, groups = neighbourhoods(network, begun.node)
    node, cost, rank = begun.node[order], begun.cost[order], begun.rank[order]
    arcs = network.back_first, network.back_to, network.back_length
    kernels.nearest_places(*arcs, node, cost, rank, groups, begun.by_rank, limit, distance, place)


def neighbourhoods(network: Network, node: Ints) -> tuple[Longs, Longs]:
    """The starts put together by squares of the map, and where each square's begin."""
    side = max(1, round((network.nodes / NEIGHBOURHOOD) ** 0.5))
    lon, lat = network.graph.lon, network.graph.lat
    here = np.minimum(node, len(lon) - 1)
    square = _part(lon, here, side) * side + _part(lat, here, side)
    order = np.argsort(square, kind="stable")
    return order, np.concatenate([[0], np.flatnonzero(np.diff(square[order])) + 1, [len(node)]])


def _part(along: Floats, which: Ints, parts: int) -> Longs:
    low, high = float(along.min()), float(along.max())
    return np.minimum(((along[which] - low) * (parts / max(high - low, 1e-9))).astype(np.int64), parts - 1)
