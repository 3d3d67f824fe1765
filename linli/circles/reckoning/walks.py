"""Walks: what each way of walking reaches at each moment, from every home to the nearest place of every category."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

import numpy as np

from linli.circles.reckoning.people import OFF, Bools, Bounds, People
from linli.kernel.hours import Hours, standing
from linli.kernel.workdays import Workdays
from linli.reach import profiles
from linli.reach.graph import Floats, Graph, Ints, Longs
from linli.reach.network import Network, network_of, shut_gates
from linli.reach.search import Nearest, nearest, spread, starts
from linli.reach.snapping import Ground, Snapped, ground_of

LOOK_MINUTES = 30
"""How far the nearest place is looked for, so that a gap says by how much it is missed."""
UNREACHED = -1


@dataclass(frozen=True, eq=False)
class Places:
    """p places by code. roles: the categories of each; hours: None where nobody has said; stall: counts in its hours alone."""

    code: tuple[str, ...]
    lon: Floats
    lat: Floats
    roles: tuple[frozenset[str], ...]
    hours: tuple[Hours | None, ...]
    stall: Bools
    _open: dict[datetime, Bools] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.code)

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """Every category that any of them has."""
        return tuple(sorted({role for roles in self.roles for role in roles}))

    def spot(self, number: int) -> tuple[float, float]:
        """Where one of them stands: lon, lat."""
        return float(self.lon[number]), float(self.lat[number])

    def open(self, at: datetime, calendar: Workdays) -> Bools:
        """Which of them count at a moment: those that are open, and those whose hours nobody has said, stalls apart. Kept by moment."""
        if at not in self._open:
            told = zip(self.hours, self.stall, strict=True)
            self._open[at] = np.array([_counts(hours, bool(stall), at, calendar) for hours, stall in told], bool)
        return self._open[at]

    def take_over(self, before: Places, calendar: Workdays) -> None:
        """Know of every moment that was asked of other places what is the same here, so that only new or changed hours are asked."""
        old = {code: number for number, code in enumerate(before.code)}
        for at, known in before._open.items():
            self._open[at] = np.array(
                [
                    bool(known[old[code]])
                    if code in old and hours is before.hours[old[code]] and stall == before.stall[old[code]]
                    else _counts(hours, bool(stall), at, calendar)
                    for code, hours, stall in zip(self.code, self.hours, self.stall, strict=True)
                ],
                bool,
            )


def _counts(hours: Hours | None, stall: bool, at: datetime, calendar: Workdays) -> bool:
    return not stall if hours is None else standing(hours, at, calendar).open


@dataclass(frozen=True, eq=False)
class Grounds:
    """A network's graph with what each profile needs of it, whatever the moment: made once for a network."""

    graph: Graph
    by_profile: Mapping[str, Ground]

    def snap(self, profile: str, lon: Floats, lat: Floats, ids: Sequence[str]) -> Snapped:
        """Points joined to the nearest link that the profile can use."""
        return self.by_profile[profile].snap(lon, lat, ids=ids)


def grounds_of(graph: Graph) -> Grounds:
    """A graph made ready. O(links) for each profile."""
    return Grounds(graph, {name: ground_of(network_of(graph, profile)) for name, profile in profiles.PROFILES.items()})


@dataclass(eq=False)
class Streets:
    """A network with homes and places on it, searched `limit` decimetres far, and what was found: shared by all who walk it.

    profile: of one of them. rows: by a list of places (see listed), decimetres from each home to the nearest of them, int32 (homes),
    UNREACHED beyond the limit. found: of every node, by lists; kept from the first what-if on.
    """

    profile: str
    network: Network
    homes: Snapped
    places: Snapped
    limit: int
    rows: dict[bytes, Ints] = field(default_factory=dict)
    found: Nearest | None = None

    def search(self, lists: Iterable[Longs]) -> None:
        """Have the rows of these lists of places. One search for each list that wasn't asked before, 8 bytes a node and list meanwhile."""
        new = {one.tobytes(): one for one in lists if one.tobytes() not in self.rows}
        if new:
            found = nearest(self.network, {str(key): self.places.part(one) for key, one in new.items()}, self.limit).at(self.homes)[0]
            self.rows |= zip(new, found, strict=True)

    def row(self, numbers: Longs) -> Ints:
        """Decimetres from each home to the nearest of a list of places."""
        self.search([numbers])
        return self.rows[numbers.tobytes()]

    def nearest(self, numbers: Longs, limit: int) -> Ints:
        """The same within another limit, and not kept."""
        found: Ints = nearest(self.network, {"": self.places.part(numbers)}, limit).at(self.homes)[0][0]
        return found

    def nodes(self, lists: Sequence[Longs]) -> Nearest:
        """The nearest of every node for each of these lists, as a what-if starts from it. Searched once: 8 bytes kept a node and list."""
        keys = [str(one.tobytes()) for one in lists]
        known = set(self.found.categories) if self.found else set()
        new = {key: self.places.part(one) for key, one in zip(keys, lists, strict=True) if key not in known}
        if self.found is None or new:
            searched = nearest(self.network, new, self.limit)
            self.found = _together(self.found, searched) if self.found else searched
        found = self.found
        at = [found.categories.index(key) for key in keys]
        return replace(
            found,
            categories=tuple(keys),
            places=tuple(found.places[one] for one in at),
            starts=tuple(found.starts[one] for one in at),
            distance=found.distance[at],
            place=found.place[at],
        )


def _together(one: Nearest, other: Nearest) -> Nearest:
    return replace(
        one,
        categories=one.categories + other.categories,
        places=one.places + other.places,
        starts=one.starts + other.starts,
        distance=np.concatenate((one.distance, other.distance)),
        place=np.concatenate((one.place, other.place)),
    )


def reach_of(streets: Streets, circles: Sequence[Ints], limit: int) -> Ints:
    """Decimetres to every place from whoever of each circle's homes is nearest to it, UNREACHED beyond the limit: int32 (circles, places).

    One search for each circle.
    """
    found = np.full((len(circles), len(streets.places)), UNREACHED, np.int32)
    begun = starts(streets.network, streets.places)
    for circle, homes in enumerate(circles):
        start = streets.homes.part(homes)
        if (start.link >= 0).any():
            found[circle] = spread(streets.network, start, limit).at(streets.places, begun)
    return found


@dataclass(frozen=True, eq=False)
class Walk:
    """One way of walking at one moment, over streets that others may share. categories: of places; which: the numbers, among all places,
    of each category's that count then. looked: decimetres to which places are looked for."""

    profile: str
    at: datetime
    streets: Streets
    categories: tuple[str, ...]
    which: tuple[Longs, ...]
    looked: int

    @property
    def network(self) -> Network:
        """What can be walked then."""
        return self.streets.network

    @property
    def homes(self) -> Snapped:
        """Where homes join it; whoever has no position doesn't."""
        return self.streets.homes

    @property
    def places(self) -> Snapped:
        """Where places join it."""
        return self.streets.places

    def to(self, categories: Iterable[str]) -> Ints:
        """Decimetres from each home to the nearest place of any of the categories, UNREACHED beyond `looked`."""
        found = np.full(len(self.homes), UNREACHED, np.int32)
        for name in categories:
            if name in self.categories:
                other = self.streets.row(self.listed(name))
                found = np.where((other >= 0) & (other <= self.looked) & ((found < 0) | (other < found)), other, found)
        return found

    def listed(self, category: str) -> Longs:
        """The numbers of a category's places that count at the moment; none of a category that no place has."""
        return self.which[self.categories.index(category)] if category in self.categories else np.zeros(0, np.int64)

    def of(self, categories: Iterable[str]) -> Longs:
        """The numbers of the places of any of the categories that count at the moment, each once."""
        return np.unique(np.concatenate([np.zeros(0, np.int64), *(self.listed(name) for name in categories)]))


def walks_over(
    grounds: Grounds, people: People, places: Places, profiles_: Mapping[str, int], moments: Mapping[str, datetime], calendar: Workdays
) -> dict[tuple[str, str], Walk]:
    """Of every profile at every moment; nothing is searched yet. profiles_: how far a norm leads each, in decimetres; at least
    LOOK_MINUTES are looked.

    Who may use the same ways while the same gates are shut walks the same streets, whatever the speed.
    """
    hows = {name: profiles.profile(name) for name in profiles_}
    looked = {name: max(far, hows[name].limit(LOOK_MINUTES)) for name, far in profiles_.items()}
    joined: dict[profiles.Way, tuple[Snapped, Snapped]] = {}
    streets: dict[tuple[profiles.Way, frozenset[str]], Streets] = {}
    found = {}
    for name, how in hows.items():
        for when, at in moments.items():
            same = (how.without, frozenset(shut_gates(grounds.graph, at=at, calendar=calendar)))
            if how.without not in joined:
                homes, shops = (unnamed(grounds.snap(name, one.lon, one.lat, one.code)) for one in (people, places))
                joined[how.without] = homes, shops
            if same not in streets:
                far = max(looked[other] for other, one in hows.items() if one.without == how.without)
                network = network_of(grounds.graph, how, at=at, calendar=calendar)
                streets[same] = Streets(name, network, *joined[how.without], far)
            found[name, when] = Walk(name, at, streets[same], places.categories, opened(places, at, calendar), looked[name])
    return found


def opened(places: Places, at: datetime, calendar: Workdays) -> tuple[Longs, ...]:
    """By category, the numbers of the places that count at a moment."""
    found: dict[str, list[int]] = {name: [] for name in places.categories}
    for number in np.flatnonzero(places.open(at, calendar)).tolist():
        for role in places.roles[number]:
            found[role].append(number)
    return tuple(np.array(numbers, np.int64) for numbers in found.values())


def grown(grounds: Grounds, people: People, circles: Sequence[Bounds]) -> dict[str, Ints]:
    """By circle that is grown from a centre, decimetres from each home to the centre within its walk; gates count as they are by day.

    OFF for homes that are not on the network; without a circle whose centre is not.
    """
    found: dict[str, Ints] = {}
    for profile in sorted({one.profile for one in circles if one.polygon is None}):
        how = profiles.profile(profile)
        network = network_of(grounds.graph, how)
        homes = grounds.snap(profile, people.lon, people.lat, people.code)
        mine = [one for one in circles if one.polygon is None and one.profile == profile]
        for one in mine:
            centre = grounds.snap(profile, np.array([one.lon or 0.0]), np.array([one.lat or 0.0]), [one.code])
            if centre.link[0] >= 0:
                walked = nearest(network, {one.code: centre}, how.limit(one.minutes or 0)).at(homes)[0][0]
                found[one.code] = np.where(homes.link < 0, np.int32(OFF), walked)
    return found


def unnamed(points: Snapped) -> Snapped:
    """The points without their names, which only decide between places as near as each other: distances don't depend on them."""
    return replace(points, ids=None)
