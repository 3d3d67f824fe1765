"""Walks: what each way of walking reaches at each moment, from every home to the nearest place of every category."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import numpy as np
import numpy.typing as npt

from linli.circles.reckoning.people import Bools, Bounds, People
from linli.kernel.hours import Hours, standing
from linli.kernel.workdays import Workdays
from linli.reach import profiles
from linli.reach.graph import Floats, Graph, Ints
from linli.reach.network import Network, network_of
from linli.reach.search import Nearest, nearest, spread
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

    def __len__(self) -> int:
        return len(self.code)

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """Every category that any of them has."""
        return tuple(sorted({role for roles in self.roles for role in roles}))

    def open(self, at: datetime, calendar: Workdays) -> Bools:
        """Which of them count at a moment: those that are open, and those whose hours nobody has said, stalls apart."""
        return np.array([_counts(hours, bool(stall), at, calendar) for hours, stall in zip(self.hours, self.stall, strict=True)], bool)


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
    """One way of walking at one moment. nearest: of the categories, to places that are open then; which: their numbers among all places.

    distance: decimetres from each home to each category's nearest, int32 (categories, homes), UNREACHED beyond looked.
    """

    profile: str
    at: datetime
    network: Network
    homes: Snapped
    places: Snapped
    nearest: Nearest
    which: tuple[npt.NDArray[np.int64], ...]
    distance: Ints
    looked: int

    def to(self, categories: Iterable[str]) -> Ints:
        """Decimetres from each home to the nearest place of any of the categories."""
        rows = [self.nearest.categories.index(one) for one in categories if one in self.nearest.categories]
        found = np.full(self.distance.shape[1], UNREACHED, np.int32)
        for row in rows:
            other = self.distance[row]
            found = np.where((found < 0) | ((other >= 0) & (other < found)), other, found)
        return found

    def reached(self, homes: npt.NDArray[np.int32], limit: int) -> npt.NDArray[np.int64]:
        """The places, by number, that anybody of the homes reaches within the limit. One search from all of them."""
        start = part(self.homes, homes)
        if not (start.link >= 0).any() or not len(self.places):
            return np.empty(0, np.int64)
        far = spread(self.network, start, limit).at(self.places)
        return np.flatnonzero((far >= 0) & (far <= limit))


def walk(
    grounds: Grounds,
    people: People,
    places: Places,
    profile: str,
    at: datetime,
    calendar: Workdays,
    *,
    shut: Collection[str] = (),
    look: int = 0,
) -> Walk:
    """From every home to the nearest open place of every category, within LOOK_MINUTES or `look` decimetres if that is more.

    Whoever has no position is unreached. Cost: one search per category.
    """
    how = profiles.profile(profile)
    network = network_of(grounds.graph, how, at=at, calendar=calendar, shut=shut)
    homes = grounds.snap(profile, people.lon, people.lat, people.code)
    joined = grounds.snap(profile, places.lon, places.lat, places.code)
    looked = max(look, how.limit(LOOK_MINUTES))
    which = opened(places, at, calendar)
    found = nearest(network, {name: part(joined, numbers) for name, numbers in zip(places.categories, which, strict=True)}, looked)
    return Walk(profile, at, network, homes, joined, found, which, found.at(homes)[0], looked)


def opened(places: Places, at: datetime, calendar: Workdays) -> tuple[npt.NDArray[np.int64], ...]:
    """By category, the numbers of the places that count at a moment."""
    now = places.open(at, calendar)
    return tuple(np.array([n for n, roles in enumerate(places.roles) if name in roles and now[n]], np.int64) for name in places.categories)


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


def part(points: Snapped, which: npt.NDArray[np.integer]) -> Snapped:
    """Some of the points, in that order."""
    names = ("link", "from_u", "from_v", "leg", "why", "lon", "lat")
    ids = tuple(points.ids[at] for at in which) if points.ids is not None else None
    return replace(points, **{name: getattr(points, name)[which] for name in names}, ids=ids)
