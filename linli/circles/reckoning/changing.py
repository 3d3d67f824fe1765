"""What changes: places that open, close or move, a gate shut or opened, a bridge: what that touches is computed anew, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from linli.circles.declared import Norm
from linli.circles.reckoning.figures import Fars, Key, Reckoned, Scene, Walks, asked, by_streets, leads
from linli.circles.reckoning.walks import UNREACHED, Grounds, Places, Streets, Walk, opened, reach_of
from linli.kernel.errors import LinliError, Place
from linli.kernel.hours import read_hours
from linli.kernel.positions import Position
from linli.reach import search
from linli.reach.graph import Graph, Ints, Longs
from linli.reach.metric import straight
from linli.reach.network import Link
from linli.reach.search import homes_after, nearest_after, network_after
from linli.reach.snapping import Snapped

LONGEST_BRIDGE_METRES = 2000


@dataclass(frozen=True, slots=True)
class OpenPlace:
    """A place that would be there. key: how the answer calls it; hours: as people write them, "" all day."""

    key: str
    place: Position
    roles: frozenset[str]
    hours: str = ""


@dataclass(frozen=True, slots=True)
class ClosePlace:
    """A place that would be gone, by its uid."""

    key: str


@dataclass(frozen=True, slots=True)
class MovePlace:
    """A place that would stand elsewhere."""

    key: str
    place: Position


@dataclass(frozen=True, slots=True)
class SetGate:
    """A gate that would be shut or open whatever its hours."""

    key: str
    shut: bool


@dataclass(frozen=True, slots=True)
class AddBridge:
    """A bridge, or a path, that would lead straight from the crossing of ways nearest to one position to that nearest to the other."""

    start: Position
    end: Position


Edit = OpenPlace | ClosePlace | MovePlace | SetGate | AddBridge


@dataclass(frozen=True, eq=False)
class Changed:
    """The scene after edits, and its walks."""

    scene: Scene
    walks: Walks


def changed(scene: Scene, done: Walks, edits: Sequence[Edit], norms: Iterable[Norm] | None = None) -> Changed:
    """The scene as it would be, with the walks that these norms are judged by; without norms, all of them, for every way of walking.
    Circles keep their bounds, so that before and after are of the same people.

    Cost: reach's repair of every list of places that an edit touches, on each of the streets; with a gate or a bridge of all lists.
    """
    places = _edited(scene.places, edits)
    places.take_over(scene.places, scene.calendar)
    after = replace(scene, places=places)
    wanted = asked(scene, scene.norms, everyone=True) if norms is None else asked(scene, norms)
    ways = [_of_network(scene.grounds, one) for one in edits if isinstance(one, SetGate | AddBridge)]
    found: dict[Key, Walk] = {}
    for streets, keys in by_streets(done, wanted):
        network = network_after(streets.network, ways)
        then = replace(streets, network=network, places=_joined(after, streets, scene.places), rows={}, found=None)
        for key in keys:
            found[key] = _over(then, done[key], after)
        _repair(scene.places, after, [(done[key], found[key], wanted[key]) for key in keys], ways)
    return Changed(after, found)


def _over(streets: Streets, one: Walk, after: Scene) -> Walk:
    places = after.places
    return replace(one, streets=streets, categories=places.categories, which=opened(places, one.at, after.calendar))


def _repair(before: Places, after: Scene, pairs: Iterable[tuple[Walk, Walk, Sequence[str]]], ways: Sequence[search.Edit]) -> None:
    """Have what homes reach after the edits, out of what is known before them; walks of the same streets, with the categories wanted."""
    lists: dict[tuple[bytes, bytes], tuple[Longs, Longs]] = {}
    for was, now, names in pairs:
        for name in names:
            old, new = was.listed(name), now.listed(name)
            if not ways and _same(before, after.places, old, new):
                now.streets.rows.setdefault(new.tobytes(), was.streets.row(old))
            elif new.tobytes() not in now.streets.rows:
                lists.setdefault((old.tobytes(), new.tobytes()), (old, new))
        streets, then = was.streets, now.streets
    if not lists:
        return
    found = streets.nodes([old for old, _ in lists.values()])
    labels = tuple(str(number) for number in range(len(lists)))
    found = replace(found, categories=labels)
    edits = [
        edit
        for label, (old, new) in zip(labels, lists.values(), strict=True)
        for edit in _of_list(label, before, after.places, old, new, then.places)
    ]
    known = np.array([streets.row(old) for old, _ in lists.values()], np.int32)
    rows = homes_after(found, nearest_after(found, [*ways, *edits]), streets.homes, known)
    then.rows |= {new.tobytes(): row for (_, new), row in zip(lists.values(), rows, strict=True)}


def _same(before: Places, after: Places, old: Longs, new: Longs) -> bool:
    return len(old) == len(new) and all(before.spot(one) == after.spot(other) for one, other in zip(old, new, strict=True))


def _of_list(label: str, before: Places, after: Places, old: Longs, new: Longs, joined: Snapped) -> Iterator[search.Edit]:
    """What makes one list of places the other, as reach says it. joined: where the places after join the network."""
    was = {before.code[number]: (index, number) for index, number in enumerate(old.tolist())}
    for number in new.tolist():
        known = was.pop(after.code[number], None)
        if known is None:
            yield search.Opened(label, joined.part(np.array([number])))
        elif before.spot(known[1]) != after.spot(number):
            yield search.Moved(label, known[0], joined.part(np.array([number])))
    for index, _ in was.values():
        yield search.Closed(label, index)


def touches(scene: Scene, edits: Sequence[Edit]) -> list[Norm]:
    """The norms whose figures the edits can change: with a gate or a bridge all, else those of the categories of the places."""
    if any(isinstance(one, SetGate | AddBridge) for one in edits):
        return list(scene.norms)
    touched = _touched(scene.places, _edited(scene.places, edits))
    return [norm for norm in scene.norms if not touched.isdisjoint(norm.categories)]


def fars_after(scene: Scene, done: Walks, before: Fars, after: Changed) -> Fars:
    """How far every circle's people have to every place after the edits, out of what it was before.

    before: of the scene, for the keys of the changed walks. Cost: on each of the streets one bounded search for each place that is new or
    elsewhere, and for each circle with a gate or a bridge in reach.
    """
    kept, fresh = _taken(scene.places, after.scene.places)
    circles = [scene.scopes.homes(circle) for circle in range(len(scene.scopes.circles))]
    found: dict[Key, Ints] = {}
    for streets, keys in by_streets(after.walks, after.walks):
        limit = leads(scene, done, done[keys[0]].streets)
        rows = np.full((len(circles), len(after.scene.places)), UNREACHED, np.int32)
        rows[:, kept >= 0] = before[keys[0]][:, kept[kept >= 0]]
        for place in fresh.tolist():
            far = streets.nearest(np.array([place]), limit)
            for circle, mine in enumerate(circles):
                there = far[mine][far[mine] >= 0]
                rows[circle, place] = there.min() if len(there) else UNREACHED
        felt = search.Change.between(done[keys[0]].network, streets.network).felt(streets.homes, limit)
        feel = [circle for circle, mine in enumerate(circles) if felt[mine].any()]
        rows[feel] = reach_of(streets, [circles[circle] for circle in feel], limit)
        found |= dict.fromkeys(keys, rows)
    return found


def _taken(before: Places, after: Places) -> tuple[Longs, Longs]:
    """The number that each place had before where it stands as before, else -1; and the numbers of the others."""
    numbers = {code: number for number, code in enumerate(before.code)}
    was = [numbers.get(code, -1) for code in after.code]
    kept = np.array([old if old >= 0 and before.spot(old) == after.spot(new) else -1 for new, old in enumerate(was)], np.int64)
    return kept, np.flatnonzero(kept < 0)


def with_places(scene: Scene, done: Walks, places: Places) -> Changed:
    """The same people and network with the places as they are now: only the lists that a place touches are searched anew, when asked."""
    places.take_over(scene.places, scene.calendar)
    after = replace(scene, places=places)
    found: dict[Key, Walk] = {}
    for streets, keys in by_streets(done, done):
        then = replace(streets, places=_joined(after, streets, scene.places), rows={}, found=None)
        for key in keys:
            was, now = done[key], _over(then, done[key], after)
            for name in now.categories:
                old, new = was.listed(name), now.listed(name)
                if old.tobytes() in streets.rows and _same(scene.places, places, old, new):
                    then.rows[new.tobytes()] = streets.rows[old.tobytes()]
            found[key] = now
    return Changed(after, found)


def _touched(before: Places, after: Places) -> frozenset[str]:
    """Categories whose places are others, or are elsewhere, or have other hours."""
    found: set[str] = set()
    old, new = _by_code(before), _by_code(after)
    for code in old.keys() | new.keys():
        if old.get(code) != new.get(code):
            found |= (old[code][0] if code in old else frozenset()) | (new[code][0] if code in new else frozenset())
    return frozenset(found)


def _by_code(places: Places) -> dict[str, tuple[frozenset[str], float, float, object, bool]]:
    rows = zip(places.code, places.roles, places.lon, places.lat, places.hours, places.stall, strict=True)
    return {code: (roles, float(lon), float(lat), hours, bool(stall)) for code, roles, lon, lat, hours, stall in rows}


def _joined(after: Scene, streets: Streets, before: Places) -> Snapped:
    """Where the places join the network: as before where they stand as before."""
    places = after.places
    row, fresh = _taken(before, places)
    new = after.grounds.snap(streets.profile, places.lon[fresh], places.lat[fresh], [places.code[at] for at in fresh])
    row[fresh] = len(before) + np.arange(len(fresh))
    names = ("link", "from_u", "from_v", "leg", "why", "lon", "lat")
    return replace(new, ids=None, **{name: np.concatenate((getattr(streets.places, name), getattr(new, name)))[row] for name in names})


def _edited(places: Places, edits: Iterable[Edit]) -> Places:
    columns = zip(places.code, places.lon, places.lat, places.roles, places.hours, places.stall, strict=True)
    rows = {code: [lon, lat, roles, hours, bool(stall)] for code, lon, lat, roles, hours, stall in columns}
    for one in edits:
        if isinstance(one, OpenPlace):
            if one.key in rows:
                raise _unfit("key", ("没有用过的编号", "a key of its own"), one.key)
            rows[one.key] = [one.place.lon, one.place.lat, one.roles, read_hours(one.hours) if one.hours else None, False]
        elif isinstance(one, ClosePlace | MovePlace):
            if one.key not in rows:
                raise _unfit("place", ("现有的场所", "a place that there is"), one.key)
            if isinstance(one, ClosePlace):
                del rows[one.key]
            else:
                rows[one.key][:2] = [one.place.lon, one.place.lat]
    kept = sorted(rows)
    lon, lat = (np.array([rows[code][at] for code in kept], np.float64) for at in (0, 1))
    stall = np.array([rows[code][4] for code in kept], bool)
    return Places(tuple(kept), lon, lat, tuple(rows[code][2] for code in kept), tuple(rows[code][3] for code in kept), stall)


def _of_network(grounds: Grounds, one: SetGate | AddBridge) -> search.Edit:
    """A gate or a bridge as reach says it; of two words on one gate the last counts."""
    if isinstance(one, AddBridge):
        return search.LinkAdded(bridge(grounds, one))
    return search.GateShut(one.key) if one.shut else search.GateOpened(one.key)


def bridge(grounds: Grounds, one: AddBridge) -> Link:
    """The link that a bridge would be. LinliError where both ends are at one crossing, or it would be longer than LONGEST_BRIDGE_METRES."""
    graph = grounds.graph
    start, end = (_nearest_node(graph, place) for place in (one.start, one.end))
    length = float(straight(graph.lon[start], graph.lat[start], graph.lon[end], graph.lat[end]))
    if start == end or length > LONGEST_BRIDGE_METRES:
        most = LONGEST_BRIDGE_METRES
        raise _unfit("bridge", (f"两端不同，至多 {most} 米", f"two ends, at most {most} m apart"), f"{length:.0f} m")
    return Link(start, end, round(length * 10))


def _nearest_node(graph: Graph, place: Position) -> int:
    return int(np.argmin(straight(graph.lon, graph.lat, np.full(len(graph.lon), place.lon), np.full(len(graph.lat), place.lat))))


@dataclass(frozen=True, slots=True)
class Difference:
    """A circle's figure of a norm before and after, for the way of walking that the norm's group has."""

    circle: str
    norm: str
    before: Reckoned
    after: Reckoned


def differences(before: Iterable[Reckoned], after: Iterable[Reckoned]) -> list[Difference]:
    """The figures that differ, in the order of the first."""
    known = {(one.circle, one.area, one.norm, one.profile): one for one in before}
    found = []
    for one in after:
        was = known[one.circle, one.area, one.norm, one.profile]
        if was != one and one.circle is not None:
            found.append(Difference(one.circle, one.norm, was, one))
    return found


def _unfit(field: str, expected: tuple[str, str], found: str) -> LinliError:
    return LinliError(
        "circles.edit",
        zh="这项假设不能计算",
        en="This change can't be computed.",
        place=Place(field=field),
        expected=expected,
        found=found,
        remedy_zh="改正后再试",
        remedy_en="change it and try again",
    )
