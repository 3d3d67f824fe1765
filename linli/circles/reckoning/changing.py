"""What changes: places that open, close or move, a gate shut or opened, a bridge: what that touches is computed anew, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from linli.circles.declared import Norm
from linli.circles.reckoning.figures import Fars, Reckoned, Scene, Walks, look
from linli.circles.reckoning.walks import UNREACHED, Grounds, Places, Walk, nearest_of, opened, walk
from linli.kernel.errors import LinliError, Place
from linli.kernel.hours import read_hours
from linli.kernel.positions import Position
from linli.reach.graph import Graph
from linli.reach.metric import straight
from linli.reach.network import Link, Network, network_of, shut_gates
from linli.reach.profiles import profile
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


def changed(scene: Scene, done: Walks, edits: Sequence[Edit]) -> Changed:
    """The scene and its walks as they would be. Circles keep their bounds, so that before and after are of the same people.

    Cost: one search for each walk and category of a place that opens, closes or moves; with a gate or bridge everything is searched anew.
    """
    places = _edited(scene.places, edits)
    places.take_over(scene.places, scene.calendar)
    after = replace(scene, places=places)
    ways = [one for one in edits if isinstance(one, SetGate | AddBridge)]
    if ways:
        found, networks = {}, dict[tuple[str, frozenset[str]], Network]()
        for (name, when), one in done.items():
            same = (name, frozenset(shut_gates(scene.grounds.graph, at=one.at, calendar=scene.calendar)))
            network = networks.setdefault(same, networks.get(same) or _network(scene, name, one, ways))
            found[name, when] = walk(scene.grounds, scene.people, places, name, one.at, scene.calendar, network=network, look=one.looked)
        return Changed(after, found)
    touched = _touched(scene.places, places)
    return Changed(after, {key: _walked(after, one, touched, scene.places) for key, one in done.items()})


def touches(scene: Scene, edits: Sequence[Edit]) -> list[Norm]:
    """The norms whose figures the edits can change: with a gate or a bridge all, else those of the categories of the places."""
    if any(isinstance(one, SetGate | AddBridge) for one in edits):
        return list(scene.norms)
    touched = _touched(scene.places, _edited(scene.places, edits))
    return [norm for norm in scene.norms if not touched.isdisjoint(norm.categories)]


def fars_after(scene: Scene, before: Fars, after: Changed) -> Fars:
    """How far every circle's people have to every place after places opened, closed or moved, out of what it was before.

    before: of the scene, for the keys of the changed walks. Cost: one bounded search for each key and place that is new or elsewhere.
    """
    old, new = scene.places, after.scene.places
    numbers = {code: number for number, code in enumerate(old.code)}
    taken = [
        numbers[code] if code in numbers and (old.lon[numbers[code]], old.lat[numbers[code]]) == (lon, lat) else -1
        for code, lon, lat in zip(new.code, new.lon, new.lat, strict=True)
    ]
    kept, fresh = np.array(taken, np.int64), np.flatnonzero(np.array(taken) < 0)
    homes = [scene.scopes.homes(circle) for circle in range(len(scene.scopes.circles))]
    found = {}
    for key, one in after.walks.items():
        rows = np.full((len(homes), len(new)), UNREACHED, np.int32)
        rows[:, kept >= 0] = before[key][:, kept[kept >= 0]]
        for place in fresh.tolist():
            far = nearest_of(one.network, one.homes, one.places, {"": np.array([place])}, look(scene, key[0]))[0]
            for circle, mine in enumerate(homes):
                there = far[mine][far[mine] >= 0]
                rows[circle, place] = there.min() if len(there) else UNREACHED
        found[key] = rows
    return found


def with_places(scene: Scene, done: Walks, places: Places) -> Changed:
    """The same people and network with the places as they are now: what a place that opened or closed in the register touches."""
    places.take_over(scene.places, scene.calendar)
    after = replace(scene, places=places)
    touched = _touched(scene.places, places)
    return Changed(after, {key: _walked(after, one, touched, scene.places) for key, one in done.items()})


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


def _walked(after: Scene, one: Walk, touched: frozenset[str], before: Places) -> Walk:
    """A walk with the categories that are touched searched anew; the rows of the others are taken over, and where places join."""
    places = after.places
    joined = _joined(after, one, before)
    which = opened(places, one.at, after.calendar)
    anew = {name: numbers for name, numbers in zip(places.categories, which, strict=True) if name in touched or name not in one.categories}
    fresh = dict(zip(anew, nearest_of(one.network, one.homes, joined, anew, one.looked), strict=True))
    rows = [fresh[name] if name in fresh else one.distance[one.categories.index(name)] for name in places.categories]
    distance = np.array(rows, np.int32).reshape(len(rows), len(one.homes))
    return replace(one, places=joined, categories=places.categories, which=which, distance=distance)


def _joined(after: Scene, one: Walk, before: Places) -> Snapped:
    """Where the places join the network: as before where they stand as before."""
    places, numbers = after.places, {code: number for number, code in enumerate(before.code)}
    same = [
        number if (number := numbers.get(code, -1)) >= 0 and before.lon[number] == lon and before.lat[number] == lat else -1
        for code, lon, lat in zip(places.code, places.lon, places.lat, strict=True)
    ]
    fresh = [at for at, number in enumerate(same) if number < 0]
    new = after.grounds.snap(one.profile, places.lon[fresh], places.lat[fresh], [places.code[at] for at in fresh])
    row = np.array(same, np.int64)
    row[fresh] = len(before) + np.arange(len(fresh))
    names = ("link", "from_u", "from_v", "leg", "why", "lon", "lat")
    return replace(new, ids=None, **{name: np.concatenate((getattr(one.places, name), getattr(new, name)))[row] for name in names})


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


def _network(scene: Scene, name: str, one: Walk, ways: Sequence[SetGate | AddBridge]) -> Network:
    shut = {way.key for way in ways if isinstance(way, SetGate) and way.shut}
    open_ = {way.key for way in ways if isinstance(way, SetGate) and not way.shut}
    links = [bridge(scene.grounds, way) for way in ways if isinstance(way, AddBridge)]
    return network_of(
        scene.grounds.graph, profile(name), at=one.at, calendar=scene.calendar, shut=shut, opened=open_ - shut, extra_links=links
    )


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
