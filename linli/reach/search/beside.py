"""What a home has in reach, out of what the nodes beside it have, and the places on its own link."""

from __future__ import annotations

import numpy as np

from linli.reach.graph import Ints, Longs
from linli.reach.network import Network
from linli.reach.profiles import Way
from linli.reach.search.starts import UNREACHED, Places, Starts, starts, usable
from linli.reach.snapping import Snapped


def labels_at(
    network: Network, places: Places, begun: Starts, limit: int, distance: Ints, place: Ints, homes: Snapped, leaving: Starts | None = None
) -> tuple[Ints, Ints]:
    """The nearest places of each home, out of those of every node (nodes, k): decimetres and places, (homes, k) each.

    A place among the k nearest of a home is among those of the node it is reached by, so nothing is lost. leaving: starts of the homes,
    where many lists are asked for the same ones.
    """
    from linli.reach.search import labels as compiled  # compiled code is loaded when it is first needed

    leaving = leaving or starts(network, homes, leaving=True)
    home = leaving.by_rank[leaving.rank]
    rank = np.empty(len(begun.by_rank), np.int32)
    rank[begun.by_rank] = np.arange(len(rank), dtype=np.int32)
    owner, direct = along(network, homes, places)
    labels = (direct.astype(np.int64) << 32) + rank[owner[1]]
    found_distance = np.full((len(homes), distance.shape[1]), UNREACHED, np.int32)
    found_place = np.full_like(found_distance, UNREACHED)
    compiled.merge_labels(
        leaving.node, leaving.cost, home, owner[0], labels, distance, place, rank, begun.by_rank, limit, found_distance, found_place
    )
    return found_distance, found_place


def along(network: Network, homes: Snapped, places: Places) -> tuple[tuple[Ints, Ints], Ints]:
    """Pairs of a home and a place on one link that reach each other along it: (homes, places), and the decimetres with both legs."""
    if not isinstance(places, Snapped):
        none = np.empty(0, np.int32)
        return (none, none), none
    mine = np.flatnonzero((homes.link >= 0) & usable(network, homes.link) & np.isin(homes.link, places.link))
    theirs = np.flatnonzero(places.link >= 0)
    theirs = theirs[np.argsort(places.link[theirs], kind="stable")]
    link = places.link[theirs]
    low, high = np.searchsorted(link, homes.link[mine], "left"), np.searchsorted(link, homes.link[mine], "right")
    many = high - low
    home = np.repeat(mine, many)
    offset: Longs = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    place = theirs[np.repeat(low, many) + offset]
    ahead = places.from_u[place].astype(np.int64) - homes.from_u[home]
    kind = network.graph.kind[homes.link[home]]
    allowed = (ahead == 0) | np.where(ahead > 0, (kind & np.uint16(Way.BACKWARD)) == 0, (kind & np.uint16(Way.FORWARD)) == 0)
    decimetres = np.abs(ahead) + homes.leg[home] + places.leg[place]
    pairs = home[allowed].astype(np.int32), place[allowed].astype(np.int32)
    return pairs, decimetres[allowed].astype(np.int32)
