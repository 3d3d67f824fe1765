"""Walks: what each way of walking reaches at each moment, from every home to the nearest place of every category."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

import numpy as np
import numpy.typing as npt

from linli.circles.reckoning.people import Bools, Bounds, People
from linli.kernel.hours import Hours, standing
from linli.kernel.workdays import Workdays
from linli.reach import profiles
from linli.reach.graph import Floats, Graph, Ints, Longs
from linli.reach.network import Network, network_of
from linli.reach.search import nearest, spread
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


@dataclass(frozen=True, eq=False)
class Walk:
    """One way of walking at one moment. categories: of places; which: the numbers, among all places, of each category's that count then.

    distance: decimetres from each home to each category's nearest, int32 (categories, homes), UNREACHED beyond looked.
    """

    profile: str
    at: datetime
    network: Network
    homes: Snapped
    places: Snapped
    categories: tuple[str, ...]
    which: tuple[Longs, ...]
    distance: Ints
    looked: int

    def to(self, categories: Iterable[str]) -> Ints:
        """Decimetres from each home to the nearest place of any of the categories."""
        found = np.full(self.distance.shape[1], UNREACHED, np.int32)
        for name in categories:
            if name in self.categories:
                other = self.distance[self.categories.index(name)]
                found = np.where((found < 0) | ((other >= 0) & (other < found)), other, found)
        return found

    def far(self, homes: npt.NDArray[np.int32], limit: int) -> Ints:
        """Decimetres to every place from whoever of the homes is nearest to it, UNREACHED beyond the limit. One search from all of them."""
        start = part(self.homes, homes)
        if not (start.link >= 0).any() or not len(self.places):
            return np.full(len(self.places), UNREACHED, np.int32)
        return spread(self.network, start, limit).at(self.places)

    def of(self, categories: Iterable[str]) -> Longs:
        """The numbers of the places of any of the categories that count at the moment, each once."""
        rows = [self.which[self.categories.index(name)] for name in categories if name in self.categories]
        return np.unique(np.concatenate([np.zeros(0, np.int64), *rows]))


def walk(
    grounds: Grounds,
    people: People,
    places: Places,
    profile: str,
    at: datetime,
    calendar: Workdays,
    *,
    network: Network | None = None,
    look: int = 0,
) -> Walk:
    """From every home to the nearest open place of every category, within LOOK_MINUTES or `look` decimetres if that is more.

    network: instead of the one that the profile has at the moment. Whoever has no position is unreached. One search per category.
    """
    how = profiles.profile(profile)
    used = network if network is not None else network_of(grounds.graph, how, at=at, calendar=calendar)
    homes, joined = (unnamed(grounds.snap(profile, one.lon, one.lat, one.code)) for one in (people, places))
    looked = max(look, how.limit(LOOK_MINUTES))
    which = opened(places, at, calendar)
    distance = nearest_of(used, homes, joined, dict(zip(places.categories, which, strict=True)), looked)
    return Walk(profile, at, used, homes, joined, places.categories, which, distance, looked)


def nearest_of(network: Network, homes: Snapped, places: Snapped, which: Mapping[str, Longs], limit: int) -> Ints:
    """Decimetres from each home to the nearest place of each category, int32 (categories, homes). which: the categories' places."""
    if not which:
        return np.empty((0, len(homes)), np.int32)
    found: Ints = nearest(network, {name: part(places, numbers) for name, numbers in which.items()}, limit).at(homes)[0]
    return found


def opened(places: Places, at: datetime, calendar: Workdays) -> tuple[Longs, ...]:
    """By category, the numbers of the places that count at a moment."""
    found: dict[str, list[int]] = {name: [] for name in places.categories}
    for number in np.flatnonzero(places.open(at, calendar)).tolist():
        for role in places.roles[number]:
            found[role].append(number)
    return tuple(np.array(numbers, np.int64) for numbers in found.values())


def grown(grounds: Grounds, people: People, circles: Sequence[Bounds]) -> dict[str, Ints]:
    """By circle that is grown from a centre, decimetres from each home to the centre within its walk; gates count as they are by day."""
    found: dict[str, Ints] = {}
    for profile in sorted({one.profile for one in circles if one.polygon is None}):
        how = profiles.profile(profile)
        network = network_of(grounds.graph, how)
        homes = grounds.snap(profile, people.lon, people.lat, people.code)
        mine = [one for one in circles if one.polygon is None and one.profile == profile]
        for one in mine:
            centre = grounds.snap(profile, np.array([one.lon or 0.0]), np.array([one.lat or 0.0]), [one.code])
            found[one.code] = nearest(network, {one.code: centre}, how.limit(one.minutes or 0)).at(homes)[0][0]
    return found


def unnamed(points: Snapped) -> Snapped:
    """The points without their names, which only decide between places as near as each other: distances don't depend on them."""
    return replace(points, ids=None)


def part(points: Snapped, which: npt.NDArray[np.integer]) -> Snapped:
    """Some of the points, in that order."""
    names = ("link", "from_u", "from_v", "leg", "why", "lon", "lat")
    ids = tuple(points.ids[at] for at in which) if points.ids is not None else None
    return replace(points, **{name: getattr(points, name)[which] for name in names}, ids=ids)
