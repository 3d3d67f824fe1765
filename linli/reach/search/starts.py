"""Where a search begins: the nodes that a point on a link is next to, and which of two places as near goes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linli.kernel.errors import LinliError, Place
from linli.reach.graph import Ints
from linli.reach.metric import Bools
from linli.reach.network import Network
from linli.reach.profiles import Way
from linli.reach.snapping import Snapped

Places = Snapped | npt.NDArray[np.integer] | Sequence[int]
"""Points joined to links, or numbers of nodes (-1: nowhere)."""
UNREACHED = -1
MOST_LIMIT = 2**24 - 1  # 1,678 km on foot: beyond it something else is meant


@dataclass(frozen=True, slots=True, eq=False)
class Starts:
    """For each place up to two nodes. node, cost (decimetres from the place), rank: one row per start. by_rank: the place of each rank.

    Rank decides between places as near as each other: the smaller id, without ids the smaller (link, from_u, leg) or node, then the
    earlier of the two. So the answer does not depend on the order of a list.
    """

    node: Ints
    cost: Ints
    rank: Ints
    by_rank: Ints

    def of(self, place: int) -> Starts:
        """Those of one place."""
        mine = self.by_rank[self.rank] == place
        return Starts(self.node[mine], self.cost[mine], self.rank[mine], self.by_rank)


def starts(network: Network, places: Places, *, leaving: bool = False) -> Starts:
    """Where the search from places begins. leaving: walking away from the place; otherwise towards it."""
    if isinstance(places, Snapped):
        order = _order(places.link, places.from_u, places.leg, ids=places.ids)
        node, cost, which = _beside(network, places, leaving)
    else:
        nodes = as_nodes(network, places)
        order = _order(nodes)
        which = np.flatnonzero(nodes >= 0)
        node, cost = nodes[which], np.zeros(len(which), np.int32)
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return Starts(node, cost, rank[which], order.astype(np.int32))


def as_nodes(network: Network, nodes: npt.NDArray[np.integer] | Sequence[int]) -> Ints:
    """Numbers of nodes as an array. LinliError for one that the network doesn't have."""
    found = np.asarray(nodes)
    if found.size and not (np.issubdtype(found.dtype, np.integer) and found.min() >= -1 and found.max() < network.nodes):
        raise LinliError(
            "reach.no_node",
            zh="路网里没有这个路口",
            en="The network has no such node.",
            place=Place(field="node"),
            expected=f"-1…{network.nodes - 1}",
            found=f"{found.min()}…{found.max()}",
            remedy_zh="核对编号与路网版本",
            remedy_en="check the number and the version of the network",
        )
    return found.astype(np.int32).reshape(-1)


def checked_limit(limit: int) -> int:
    """The limit in decimetres. LinliError where it is below zero or beyond MOST_LIMIT."""
    if not 0 <= limit <= MOST_LIMIT:
        raise LinliError(
            "reach.limit",
            zh="步行距离上限不对",
            en="The limit of the walk is out of range.",
            place=Place(field="limit"),
            expected=f"0…{MOST_LIMIT} dm",
            found=str(limit),
            remedy_zh="给出以分米计的距离",
            remedy_en="give a distance in decimetres",
        )
    return int(limit)


def _order(*keys: Ints, ids: Sequence[str] | None = None) -> npt.NDArray[np.int64]:
    """Places in the order in which one goes before another."""
    named = () if ids is None else (np.asarray(ids, dtype=str),)
    return np.lexsort((*reversed(keys), *named))


def _beside(network: Network, places: Snapped, leaving: bool) -> tuple[Ints, Ints, npt.NDArray[np.int64]]:
    """Nodes beside each point on its link, the decimetres to them with the leg, and whose they are."""
    graph = network.graph
    which = np.flatnonzero((places.link >= 0) & usable(network, places.link))
    link, at, leg = places.link[which], places.from_u[which], places.leg[which]
    before, after = graph.u[link], graph.v[link]
    before_by, after_by = at, places.from_v[which]
    if network.cuts is not None:
        before, before_by, after, after_by = _between(network, link, at, after_by)
    no_before, no_after = (Way.FORWARD, Way.BACKWARD) if leaving else (Way.BACKWARD, Way.FORWARD)
    to_before = _walked(network, link, before, before_by, no_before)
    to_after = _walked(network, link, after, after_by, no_after)
    to_before &= network.open(before)
    to_after &= network.open(after)
    node = np.concatenate([before[to_before], after[to_after]])
    cost = np.concatenate([(before_by + leg)[to_before], (after_by + leg)[to_after]])
    return node.astype(np.int32), cost.astype(np.int32), np.concatenate([which[to_before], which[to_after]])


def _walked(network: Network, link: Ints, node: Ints, by: Ints, against: Way) -> Bools:
    """Which ways along a link its direction allows. A point no distance from a node is at it, whichever way the link goes."""
    graph = network.graph
    free: Bools = (graph.kind[link] & np.uint16(against)) == 0
    at_node: Bools = (by == 0) & ((graph.length[link] > 0) | (node >= len(graph.key)))
    return free | at_node


def _between(network: Network, link: Ints, at: Ints, from_v: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """The cuts or ends beside a point on a link that is cut: node and decimetres before it and after it."""
    assert network.cuts is not None
    key, node = network.cuts.key, network.cuts.node
    if not len(key):
        return network.graph.u[link], at, network.graph.v[link], from_v
    mine = (link.astype(np.int64) << 32) + at
    low, high = np.searchsorted(key, mine, "right") - 1, np.searchsorted(key, mine, "left")
    kept_low, kept_high = np.maximum(low, 0), np.minimum(high, len(key) - 1)
    cut_before, cut_after = (low >= 0) & (key[kept_low] >> 32 == link), (high < len(key)) & (key[kept_high] >> 32 == link)
    before = np.where(cut_before, node[kept_low], network.graph.u[link])
    after = np.where(cut_after, node[kept_high], network.graph.v[link])
    before_by = np.where(cut_before, mine - key[kept_low], at)
    after_by = np.where(cut_after, key[kept_high] - mine, from_v)
    return before.astype(np.int32), before_by.astype(np.int32), after.astype(np.int32), after_by.astype(np.int32)


def usable(network: Network, link: Ints) -> Bools:
    """Which of the links can be walked; -1 can't."""
    if len(link) and link.max() >= len(network.usable):
        raise LinliError(
            "reach.other_network",
            zh="这些地点是在另一份路网上定位的",
            en="These points were joined to another network.",
            place=Place(field="link"),
            expected=f"< {len(network.usable)}",
            found=str(link.max()),
            remedy_zh="在这份路网上重新定位",
            remedy_en="join them to this network again",
        )
    walked: Bools = network.usable[link]
    return walked
