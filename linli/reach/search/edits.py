"""What if: a place opens, closes or moves, a gate is shut or opened, a link goes or comes. Only what a change touches is computed anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from linli.reach.graph import Ints
from linli.reach.metric import Bools
from linli.reach.network import Link, Network, network_of, pieces
from linli.reach.profiles import Way
from linli.reach.search.near import Nearest, Several, nearest
from linli.reach.search.ranges import Counts, by_place, spread
from linli.reach.search.starts import UNREACHED, Places, Starts, starts
from linli.reach.snapping import Snapped


@dataclass(frozen=True, slots=True)
class Opened:
    """A new place of a category; it becomes the last of its list. at: one point joined to a link, or a node."""

    category: str
    at: Snapped | int


@dataclass(frozen=True, slots=True)
class Closed:
    """A place of a category is no more. place: its number in its list, which the others keep."""

    category: str
    place: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A place of a category is elsewhere from now on, under its own number."""

    category: str
    place: int
    to: Snapped | int


@dataclass(frozen=True, slots=True)
class GateShut:
    """Nobody passes the gate of that key any more."""

    gate: str


@dataclass(frozen=True, slots=True)
class GateOpened:
    """The gate of that key is open, whatever its hours."""

    gate: str


@dataclass(frozen=True, slots=True)
class LinkRemoved:
    """A link of the graph can't be walked any more."""

    link: int


@dataclass(frozen=True, slots=True)
class LinkAdded:
    """There is a new link, such as a bridge."""

    link: Link


OfPlaces = Opened | Closed | Moved
OfNetwork = GateShut | GateOpened | LinkRemoved | LinkAdded
Edit = OfPlaces | OfNetwork


def network_after(network: Network, edits: Iterable[Edit]) -> Network:
    """The network with the changes made, the same one where none concerns it. LinliError for a gate, link or node it hasn't."""
    wanted = [edit for edit in edits if not isinstance(edit, OfPlaces)]
    if not wanted:
        return network
    if network.homes is not None:
        raise ValueError("change the network first and put the homes on it then")
    shut, extra = set(network.shut), list(network.extra)
    removed = np.flatnonzero(~network.usable).tolist()
    for edit in wanted:
        if isinstance(edit, GateShut):
            shut.add(edit.gate)
        elif isinstance(edit, GateOpened):
            shut.discard(edit.gate)
        elif isinstance(edit, LinkRemoved):
            removed.append(edit.link)
        else:
            extra.append(edit.link)
    named = {edit.gate for edit in wanted if isinstance(edit, GateShut | GateOpened)}
    opened = ({gate.key for gate in network.graph.gates} | named) - shut
    return network_of(network.graph, network.profile, shut=shut, opened=opened, without_links=removed, extra_links=extra)


def places_after(places: Places, category: str, edits: Iterable[Edit]) -> Places:
    """A category's list with the changes made, in the order in which they are given."""
    for edit in edits:
        if isinstance(edit, OfPlaces) and edit.category == category:
            places = _placed(places, edit)
    return places


def nearest_after(found: Nearest, edits: Sequence[Edit]) -> Nearest:
    """What `nearest` would find after the changes, at a cost by what they touch and 8 bytes copied per node and category."""
    network = network_after(found.network, edits)
    _known(found.categories, edits)
    change = Change.between(found.network, network)
    distance, place = found.distance.copy(), found.place.copy()
    places, begun = list(found.places), list(found.starts)
    for index, category in enumerate(found.categories):
        places[index] = places_after(found.places[index], category, edits)
        begun[index] = _repaired(change, found.starts[index], places[index], 1, found.limit, distance[index], place[index])
    return replace(found, network=network, places=tuple(places), starts=tuple(begun), distance=distance, place=place)


def homes_after(before: Nearest, after: Nearest, homes: Snapped, known: Ints) -> Ints:
    """The decimetres of `after.at(homes)`, where `known` are those of `before.at(homes)`: int32 (categories, homes).

    after: of nearest_after(before, …). Only homes beside a node, a link or a place that is otherwise now are asked again.
    """
    old, new = before.network, after.network
    graph, joined = new.graph, np.flatnonzero(homes.link >= 0)
    link = homes.link[joined]
    nodes = (before.distance != after.distance).any(axis=0)
    nodes[: len(graph.key)] |= old.passable != new.passable
    notice = nodes[graph.u[link]] | nodes[graph.v[link]] | (old.usable != new.usable)[link]
    for theirs, mine in zip(before.places, after.places, strict=True):
        if isinstance(theirs, Snapped) and isinstance(mine, Snapped) and theirs is not mine:
            notice |= np.isin(link, _elsewhere(theirs, mine))
    found, some = known.copy(), joined[notice]
    if len(some):
        found[:, some] = after.at(homes.part(some))[0]
    return found


def _elsewhere(before: Snapped, after: Snapped) -> Ints:
    """The links at which a place was or is that is elsewhere now, or new."""
    size = len(before)
    same = (after.link[:size] == before.link) & (after.from_u[:size] == before.from_u) & (after.leg[:size] == before.leg)
    return np.concatenate((before.link[~same], after.link[:size][~same], after.link[size:]))


def several_after(found: Several, edits: Sequence[Edit], *, category: str = "") -> Several:
    """What `several` would find after the changes of places of that category and of the network."""
    network = network_after(found.network, edits)
    distance, place = found.distance.copy(), found.place.copy()
    places = places_after(found.places, category, edits)
    change, k = Change.between(found.network, network), distance.shape[1]
    begun = _repaired(change, found.starts, places, k, found.limit, distance.reshape(-1), place.reshape(-1))
    return replace(found, network=network, places=places, starts=begun, distance=distance, place=place)


def counts_after(found: Counts, edits: Sequence[Edit]) -> Counts:
    """What `counts` would find after the changes: places that could notice one are taken off as they were and added as they are."""
    network = network_after(found.network, edits)
    _known(found.categories, edits)
    change = Change.between(found.network, network)
    many, places = found.counts.copy(), list(found.places)
    for index, category in enumerate(found.categories):
        places[index] = places_after(found.places[index], category, edits)
        before, after = starts(found.network, found.places[index]), starts(network, places[index])
        touched = _differ(before, after) | change.noticed(before, after, found.limit)
        _add(found.network, before, touched, found.limit, -1, many[index])
        _add(network, after, touched, found.limit, 1, many[index])
    return replace(found, network=network, places=tuple(places), counts=many)


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """Two networks and the arcs, against walking direction, that only one of them has: from, to, decimetres."""

    before: Network
    after: Network
    gone: tuple[Ints, Ints, Ints]
    new: tuple[Ints, Ints, Ints]

    @classmethod
    def between(cls, before: Network, after: Network) -> Change:
        """What differs. Cost: O(links) where anything may."""
        if before is after:
            none = np.empty(0, np.int32)
            return cls(before, after, (none, none, none), (none, none, none))
        return cls(before, after, _only(before, after), _only(after, before))

    @property
    def any(self) -> bool:
        """Whether any arc is gone or new."""
        return bool(len(self.gone[0]) or len(self.new[0]))

    def felt(self, homes: Snapped, limit: int) -> Bools:
        """Which homes have an arc that is gone or new within the limit: bool (homes). Two searches."""
        found = np.zeros(len(homes), bool)
        ends = np.unique(np.concatenate([*self.gone[:2], *self.new[:2]]))
        for network in (self.before, self.after) if len(ends) else ():
            found |= nearest(network, {"": ends}, limit).at(homes)[0][0] >= 0
        return found

    def noticed(self, before: Starts, after: Starts, limit: int) -> Bools:
        """Which places have an arc that is gone or new within the limit."""
        found = np.zeros(len(after.by_rank), bool)
        for network, (from_node, to_node, _), begun in ((self.before, self.gone, before), (self.after, self.new, after)):
            if not len(from_node):
                continue
            near = spread(network, np.unique(np.concatenate([from_node, to_node])), limit).distance
            far = near[begun.node].astype(np.int64) + begun.cost
            found[begun.by_rank[begun.rank[(near[begun.node] >= 0) & (far <= limit)]]] = True
        return found


def _only(here: Network, there: Network) -> tuple[Ints, Ints, Ints]:
    """Arcs, against walking direction, of what can be walked here and not there."""
    graph = here.graph
    mine = here.usable & ~(there.usable & there.passable[graph.u] & there.passable[graph.v])
    extra = tuple(link for link in here.extra if link not in there.extra or not (there.passable[link.u] and there.passable[link.v]))
    u, v, length, kind = pieces(graph, mine, here.passable, extra, here.profile)
    ahead, back = (kind & np.uint16(Way.BACKWARD)) == 0, (kind & np.uint16(Way.FORWARD)) == 0
    return np.concatenate([v[ahead], u[back]]), np.concatenate([u[ahead], v[back]]), np.concatenate([length[ahead], length[back]])


def _repaired(change: Change, before: Starts, places: Places, k: int, limit: int, distance: Ints, place: Ints) -> Starts:
    """Repair one list's places of every node in place; the starts of the list after the change."""
    from linli.reach.search import repairs  # compiled code is loaded when it is first needed

    after = starts(change.after, places)
    changed = _differ(before, after)
    if not (changed.any() or change.any):
        return after
    old, new = change.before, change.after
    lost = repairs.lost_slots(old.back_first, old.back_to, old.back_length, *change.gone, changed, k, distance, place)
    rank = np.empty(len(after.by_rank), np.int32)
    rank[after.by_rank] = np.arange(len(rank), dtype=np.int32)
    repairs.repair(
        *(new.back_first, new.back_to, new.back_length, new.first, new.to, new.length, lost, *change.new),
        *(after.node, after.cost, after.by_rank[after.rank], rank, k, limit, distance, place),
    )
    return after


def _differ(before: Starts, after: Starts) -> Bools:
    """Which places of the list after the change begin elsewhere than before it, or are new."""
    size = max(len(before.by_rank), len(after.by_rank))
    found = np.zeros(size, bool)
    found[len(before.by_rank) :] = True
    mine, theirs = _rows(before), _rows(after)
    if len(mine) == len(theirs) and (mine == theirs).all():
        return found
    kinds, inverse = np.unique(np.concatenate([mine, theirs]), return_inverse=True)
    sides = np.bincount(inverse[: len(mine)], minlength=len(kinds)), np.bincount(inverse[len(mine) :], minlength=len(kinds))
    found[kinds["place"][sides[0] != sides[1]]] = True
    return found


def _rows(begun: Starts) -> np.ndarray:
    """The starts as rows of place, node and cost, in order."""
    rows = np.empty(len(begun.node), [("place", np.int32), ("node", np.int32), ("cost", np.int32)])
    rows["place"], rows["node"], rows["cost"] = begun.by_rank[begun.rank], begun.node, begun.cost
    return rows[np.lexsort((rows["cost"], rows["node"], rows["place"]))]


def _add(network: Network, begun: Starts, wanted: Bools, limit: int, weight: int, counts: Ints) -> None:
    from linli.reach.search import kernels  # compiled code is loaded when it is first needed

    rows, node, cost = by_place(begun, np.flatnonzero(wanted[: len(begun.by_rank)]))
    weights = np.full(len(rows) - 1, weight, np.int32)
    arcs = network.back_first, network.back_to, network.back_length
    kernels.add_counts(*arcs, rows, node, cost, weights, limit, counts)


def _placed(places: Places, edit: OfPlaces) -> Places:
    at = None if isinstance(edit, Closed) else edit.at if isinstance(edit, Opened) else edit.to
    size = len(places)
    index = size if isinstance(edit, Opened) else edit.place
    if not 0 <= index <= size - (not isinstance(edit, Opened)):
        raise IndexError(f"no place {index} in a list of {size}")
    if isinstance(places, Snapped):
        assert not isinstance(at, int), "a list of points takes a point"
        return _joined(places, index, at)
    assert not isinstance(at, Snapped), "a list of nodes takes a node"
    longer = np.append(np.asarray(places, np.int32), np.int32(UNREACHED)) if index == size else np.array(places, np.int32)
    longer[index] = UNREACHED if at is None else at
    return longer


def _joined(places: Snapped, index: int, at: Snapped | None) -> Snapped:
    """The points with one set, added or, for None, taken off the network."""
    columns = {}
    for name, empty in (("link", UNREACHED), ("from_u", 0), ("from_v", 0), ("leg", 0), ("why", 0), ("lon", np.nan), ("lat", np.nan)):
        column, given = getattr(places, name), None if at is None else getattr(at, name)
        if column is not None:
            columns[name] = column = np.append(column, column.dtype.type(0)) if index == len(places) else column.copy()
            column[index] = empty if given is None else given[0]
    ids = places.ids
    if ids is not None and index == len(places):
        ids = [*ids, at.ids[0] if at is not None and at.ids is not None else ""]
    return replace(places, **columns, ids=ids)


def _known(categories: tuple[str, ...], edits: Sequence[Edit]) -> None:
    if unknown := sorted({edit.category for edit in edits if isinstance(edit, OfPlaces)} - set(categories)):
        raise KeyError(f"no category {', '.join(unknown)}")
