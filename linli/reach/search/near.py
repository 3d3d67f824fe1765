"""The nearest places of every node, by category, or the k nearest; and the same for homes, which lie on links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

    Cost: O(nodes + arcs + limit) per category; categories are shared among threads. Memory: 8 bytes per node and category, and 8 per
    node and thread while it searches.
    """
    limit = checked_limit(limit)
    begun = tuple(starts(network, one) for one in places.values())
    found = np.empty((len(begun), 2, network.nodes), np.int32)
    together = max(1, -(-len(begun) // max(threads, 1)))
    squares = Squares.of(network)

    def one(index: int) -> None:
        mine = slice(index * together, (index + 1) * together)
        _search(network, squares, begun[mine], limit, found[mine])

    each(one, -(-len(begun) // together), threads)
    return Nearest(network, tuple(places), tuple(places.values()), begun, limit, found[:, 0], found[:, 1])


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


@dataclass(frozen=True, slots=True)
class Squares:
    """A network's map as side × side squares, each of about as many nodes as a processor's core keeps near."""

    lon: Floats
    lat: Floats
    west: float
    south: float
    across: float
    up: float
    side: int

    @classmethod
    def of(cls, network: Network) -> Squares:
        """The squares of a network. O(nodes)."""
        lon, lat = network.graph.lon, network.graph.lat
        west, south = float(lon.min()), float(lat.min())
        side = max(1, round((network.nodes / NEIGHBOURHOOD) ** 0.5))
        across, up = (side / max(float(most) - least, 1e-9) for most, least in ((lon.max(), west), (lat.max(), south)))
        return cls(lon, lat, west, south, across, up, side)

    def at(self, node: Ints) -> Longs:
        """The square of each node; one that the graph has not, such as a home, counts to where its last node is."""
        here = np.minimum(node, len(self.lon) - 1)
        column = np.minimum(((self.lon[here] - self.west) * self.across).astype(np.int64), self.side - 1)
        row = np.minimum(((self.lat[here] - self.south) * self.up).astype(np.int64), self.side - 1)
        return column * self.side + row


def _search(network: Network, squares: Squares, begun: Sequence[Starts], limit: int, found: Ints) -> None:
    """Several categories, neighbourhood by neighbourhood: while its arcs are near, each category is searched there."""
    from linli.reach.search import kernels  # compiled code is loaded when it is first needed

    node = np.concatenate([one.node for one in begun])
    category = np.repeat(np.arange(len(begun)), [len(one.node) for one in begun])
    group = squares.at(node) * len(begun) + category
    order = np.argsort(group, kind="stable")
    group = group[order]
    groups = np.concatenate([np.flatnonzero(np.diff(group, prepend=-1)), [len(node)]])
    row = group[groups[:-1]] % len(begun)
    # Ranks go on from category to category: those of one are compared with each other alone.
    by_rank = np.concatenate([one.by_rank for one in begun])
    before = np.cumsum([0, *(len(one.by_rank) for one in begun[:-1])]).astype(np.int32)
    rank = np.concatenate([one.rank for one in begun]) + before[category]
    cost = np.concatenate([one.cost for one in begun])
    arcs = network.back_first, network.back_to, network.back_length
    rows = found.reshape(len(begun), -1)  # the search keeps its labels where its answers will be
    kernels.nearest_places(*arcs, node[order], cost[order], rank[order], groups, row, by_rank, limit, rows.view(np.int64), rows)
