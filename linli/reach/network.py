"""What one way of walking can use of a graph at one moment, as arrays that a search runs over; and the same with homes as nodes of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt

from linli.kernel.errors import LinliError, Place
from linli.kernel.hours import read_hours, standing
from linli.kernel.workdays import Workdays
from linli.reach.graph import Gate, Graph, Ints, Longs, Shorts
from linli.reach.metric import Bools
from linli.reach.profiles import Profile, Way
from linli.reach.snapping import Snapped

_TOLD = 8  # gates that an error names
EARTH_DECIMETRES = 63_710_088  # mean radius (IUGG), as far as a straight line of a bridge needs it


@dataclass(frozen=True, slots=True)
class Link:
    """A link that the graph does not have, such as a bridge one thinks of. u, v: nodes; length: decimetres, None: a straight line."""

    u: int
    v: int
    length: int | None = None
    kind: Way = Way.BRIDGE


@dataclass(frozen=True, slots=True, eq=False)
class Cuts:
    """Points that links are cut at: key ascending, link * 2**32 + decimetres from its u, and the node that stands at each."""

    key: Longs
    node: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Arcs of the links that a profile can use at a moment.

    nodes: how many, those of the graph first. first (int64, nodes + 1), to, length (int32, decimetres): the arcs from each node in walking
    direction; back_first, back_to, back_length: against it, the same arrays where every link goes both ways. usable: links of the graph
    (bool, m); passable: nodes of the graph that no shut gate stands at and, for wheelchairs, no raised kerb or the like
    (bool, n). shut: keys of the gates that are shut.
    homes: the node of each home that was put on the network, -1 for one that couldn't be joined.
    """

    graph: Graph
    profile: Profile
    nodes: int
    first: Longs
    to: Ints
    length: Ints
    back_first: Longs
    back_to: Ints
    back_length: Ints
    usable: Bools
    passable: Bools
    shut: frozenset[str] = frozenset()
    extra: tuple[Link, ...] = ()
    cuts: Cuts | None = None
    homes: Ints | None = None

    def open(self, nodes: Ints) -> Bools:
        """Which of the nodes can be passed; a point on a link always can."""
        return (nodes >= len(self.passable)) | self.passable[np.minimum(nodes, len(self.passable) - 1)]


def network_of(
    graph: Graph,
    profile: Profile,
    *,
    at: datetime | None = None,
    calendar: Workdays | None = None,
    shut: Iterable[str] = (),
    opened: Iterable[str] = (),
    without_links: Iterable[int] = (),
    extra_links: Iterable[Link] = (),
) -> Network:
    """The network for a profile at a moment; without a moment a gate with hours counts as open.

    shut, opened: keys of gates that are taken as shut or open whatever their hours. A shut gate's node has no arcs at all,
    for wheelchairs nor has one that none passes.
    LinliError for a gate or a link that isn't there. Cost: O(nodes + links).
    """
    closed = shut_gates(graph, at=at, calendar=calendar, shut=shut, opened=opened)
    passable = np.ones(len(graph.key), bool)
    passable[[gate.node for gate in graph.gates if gate.key in closed]] = False
    if profile.without & Way.NO_WHEELCHAIR:
        passable[list(graph.narrow)] = False
    usable = (graph.kind & np.uint16(profile.without)) == 0
    gone = np.fromiter(without_links, np.int64)
    _inside(gone, len(usable), "link")
    usable[gone] = False
    extra = tuple(extra_links)
    _inside(np.array([node for link in extra for node in (link.u, link.v)], np.int64), len(graph.key), "node")
    u, v, length, kind = pieces(graph, usable, passable, extra, profile)
    arcs = _arcs(len(graph.key), u, v, length, kind)
    return Network(graph, profile, len(graph.key), *arcs, usable=usable, passable=passable, shut=frozenset(closed), extra=extra)


def shut_gates(
    graph: Graph,
    *,
    at: datetime | None = None,
    calendar: Workdays | None = None,
    shut: Iterable[str] = (),
    opened: Iterable[str] = (),
) -> set[str]:
    """Keys of the gates that nobody passes at a moment. LinliError for a key that no gate has."""
    told = {**dict.fromkeys(shut, True), **dict.fromkeys(opened, False)}
    if unknown := sorted(told.keys() - {gate.key for gate in graph.gates}):
        raise _missing("gate", ", ".join(unknown), _some([gate.key for gate in graph.gates]))
    days = calendar or Workdays({}, "")
    return {gate.key for gate in graph.gates if told.get(gate.key, _is_shut(gate, at, days))}


def _is_shut(gate: Gate, at: datetime | None, calendar: Workdays) -> bool:
    if gate.shut or at is None or not gate.hours:
        return gate.shut
    return not standing(read_hours(gate.hours), at, calendar).open


def straight(graph: Graph, u: int, v: int) -> int:
    """Decimetres between two nodes in a straight line, by haversine."""
    lon, lat = np.radians(graph.lon[[u, v]]), np.radians(graph.lat[[u, v]])
    half = np.sin((lat[1] - lat[0]) / 2) ** 2 + np.cos(lat[0]) * np.cos(lat[1]) * np.sin((lon[1] - lon[0]) / 2) ** 2
    return round(2 * EARTH_DECIMETRES * float(np.arcsin(np.sqrt(half))))


def homes_on(network: Network, homes: Snapped) -> Network:
    """The network with every home as a node of its own: links are cut where homes join them, and a home hangs there by its leg.

    Homes that could not be joined have node -1. Two homes on one link reach each other along it. Cost: O(h log h + links).
    """
    if network.homes is not None:
        raise ValueError("this network has homes already")
    graph, joined = network.graph, np.flatnonzero(homes.link >= 0)
    _inside(homes.link[joined], len(graph.u), "link")
    key, which = np.unique((homes.link[joined].astype(np.int64) << 32) + homes.from_u[joined], return_inverse=True)
    points = np.arange(network.nodes, network.nodes + len(key), dtype=np.int32)
    nodes = np.full(len(homes), -1, np.int32)
    nodes[joined] = np.arange(network.nodes + len(key), network.nodes + len(key) + len(joined), dtype=np.int32)
    cuts = Cuts(key, points)
    whole = network.usable.copy()
    whole[key >> 32] = False
    rest = pieces(graph, whole, network.passable, network.extra, network.profile)
    chain = _chain(network, cuts)
    legs = (points[which.reshape(-1)], nodes[joined], homes.leg[joined], np.zeros(len(joined), np.uint16))
    u, v, length = (np.concatenate([rest[part], chain[part], legs[part]]) for part in range(3))
    kind: Shorts = np.concatenate([rest[3], chain[3], legs[3]])
    total = network.nodes + len(key) + len(joined)
    first, to, along, back_first, back_to, back_length = _arcs(total, u, v, length, kind)
    return replace(
        network,
        nodes=total,
        first=first,
        to=to,
        length=along,
        back_first=back_first,
        back_to=back_to,
        back_length=back_length,
        cuts=cuts,
        homes=nodes,
    )


def _chain(network: Network, cuts: Cuts) -> tuple[Ints, Ints, Ints, Shorts]:
    """The pieces of the links that are cut: from each cut to the one before it on its link, and the last piece of each."""
    graph = network.graph
    link, at = cuts.key >> 32, (cuts.key & 0xFFFFFFFF).astype(np.int32)
    starts = np.ones(len(link), bool)
    starts[1:] = link[1:] != link[:-1]
    before_node = np.where(starts, graph.u[link], np.roll(cuts.node, 1)).astype(np.int32)
    before_at = np.where(starts, 0, np.roll(at, 1)).astype(np.int32)
    ends = np.roll(starts, -1)
    last = link[ends]
    u = np.concatenate([before_node, cuts.node[ends]])
    v = np.concatenate([cuts.node, graph.v[last]])
    length = np.concatenate([at - before_at, graph.length[last] - at[ends]])
    kind = graph.kind[np.concatenate([link, last])]
    # A point no distance along a link is at its end, whichever way the link goes.
    kind[(length == 0) & (graph.length[np.concatenate([link, last])] > 0)] = Way.PLAIN
    walked = network.usable[np.concatenate([link, last])] & network.open(u) & network.open(v)
    return u[walked], v[walked], length[walked], kind[walked]


def pieces(graph: Graph, usable: Bools, passable: Bools, extra: tuple[Link, ...], profile: Profile) -> tuple[Ints, Ints, Ints, Shorts]:
    """u, v, length, kind of those of the links that can be walked."""
    walked = usable & passable[graph.u] & passable[graph.v]
    u, v, length, kind = graph.u[walked], graph.v[walked], graph.length[walked], graph.kind[walked]
    more = [link for link in extra if not link.kind & profile.without and passable[link.u] and passable[link.v] and link.u != link.v]
    if not more:
        return u, v, length, kind
    measured = [straight(graph, link.u, link.v) if link.length is None else link.length for link in more]
    return (
        np.append(u, np.array([link.u for link in more], np.int32)),
        np.append(v, np.array([link.v for link in more], np.int32)),
        np.append(length, np.array(measured, np.int32)),
        np.append(kind, np.array([link.kind for link in more], np.uint16)),
    )


def _arcs(nodes: int, u: Ints, v: Ints, length: Ints, kind: Shorts) -> tuple[Longs, Ints, Ints, Longs, Ints, Ints]:
    """Arcs in walking direction and against it; the same arrays where no link has a direction."""
    from linli.reach.search.kernels import arcs  # compiled code is loaded when it is first needed

    forward, backward = (kind & np.uint16(Way.BACKWARD)) == 0, (kind & np.uint16(Way.FORWARD)) == 0
    ahead = arcs(nodes, u, v, length, forward, backward)
    behind = ahead if forward.all() and backward.all() else arcs(nodes, u, v, length, backward, forward)
    return (*ahead, *behind)


def _inside(numbers: npt.NDArray, size: int, what: str) -> None:
    if len(numbers) and not (numbers.min() >= 0 and numbers.max() < size):
        wrong = int(numbers.min()) if numbers.min() < 0 else int(numbers.max())
        raise _missing(what, str(wrong), f"0…{size - 1}")


def _some(keys: list[str]) -> str | tuple[str, str]:
    """A few of the gates' keys, and how many more there are."""
    if not keys:
        return "这个路网没有大门", "none: this network has no gates"
    few = ", ".join(keys[:_TOLD])
    more = len(keys) - _TOLD
    return few if more <= 0 else (f"{few} 等 {len(keys)} 处", f"{few} and {more} more")


def _missing(what: str, found: str, expected: str | tuple[str, str]) -> LinliError:
    zh, en = {"gate": ("门", "gate"), "link": ("路段", "link"), "node": ("路口", "node")}[what]
    return LinliError(
        f"reach.no_{what}",
        zh=f"路网里没有这个{zh}",
        en=f"The network has no such {en}.",
        place=Place(field=what),
        expected=expected,
        found=found,
        remedy_zh="核对编号与路网版本",
        remedy_en="check the number and the version of the network",
    )
