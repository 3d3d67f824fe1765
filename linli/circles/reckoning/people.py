"""Homes as arrays, and which of them lie in which circle, community and county."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import shape

from linli.circles.declared import COLUMNS
from linli.reach.graph import Floats, Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Bools = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
COMMUNITY, COUNTY = 12, 6
WHOLE = ""
OFF = -2
"""In place of a distance: the home is not on the network, so that nobody knows it."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where a circle ends. polygon: GeoJSON; else lon, lat, minutes and profile of its growth. communities: those it is said to hold."""

    code: str
    kind: str
    polygon: Mapping[str, Any] | None
    lon: float | None
    lat: float | None
    minutes: int | None
    profile: str
    communities: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class People:
    """h homes. code: of the building, group or larger area; lon, lat: NaN without a position; counts: int64 (h, groups of COLUMNS)."""

    code: tuple[str, ...]
    lon: Floats
    lat: Floats
    counts: Counts

    def __len__(self) -> int:
        return len(self.code)

    @cached_property
    def positioned(self) -> Bools:
        """Which homes have a position."""
        found: Bools = np.isfinite(self.lon) & np.isfinite(self.lat)
        return found

    @cached_property
    def communities(self) -> tuple[tuple[str, ...], Ints]:
        """The communities of homes in order, and which each home has: "" where only a larger area is known."""
        told = [code[:COMMUNITY] if len(code) >= COMMUNITY else "" for code in self.code]
        names = tuple(sorted(set(told)))
        numbers = {name: number for number, name in enumerate(names)}
        return names, np.array([numbers[name] for name in told], np.int32)

    def group(self, key: str) -> Counts:
        """How many of a group live in each home."""
        found: Counts = self.counts[:, COLUMNS.index(key)]
        return found


def people_of(rows: Iterable[Sequence[Any]]) -> People:
    """From rows (code, lon, lat, counts in the order of COLUMNS), by code."""
    found = sorted(rows, key=lambda row: str(row[0]))
    lon, lat = (np.array([np.nan if row[at] is None else row[at] for row in found], np.float64) for at in (1, 2))
    counts = np.array([row[3:] for row in found], np.int64).reshape(len(found), len(COLUMNS))
    return People(tuple(str(row[0]) for row in found), lon, lat, counts)


@dataclass(frozen=True, eq=False)
class Scopes:
    """What figures are made for: circles by code, then areas (communities, counties, "" for all). member: (scopes, homes), 0 or 1.

    adrift: circles of which nobody knows where they end, as their centre is not on the network.
    """

    circles: tuple[str, ...]
    areas: tuple[str, ...]
    member: csr_array
    adrift: frozenset[str] = frozenset()

    def homes(self, scope: int) -> npt.NDArray[np.int32]:
        """The homes of a scope."""
        found: npt.NDArray[np.int32] = self.member.indices[self.member.indptr[scope] : self.member.indptr[scope + 1]]
        return found


def inside(people: People, bounds: Bounds, walked: npt.NDArray[np.int32] | None) -> Bools:
    """Which homes with a position lie in a circle: in its polygon or on its edge, or within its centre's walk (decimetres, < 0: not)."""
    if bounds.polygon is None:
        return np.zeros(len(people), bool) if walked is None else walked >= 0
    drawn = shape(bounds.polygon)
    shapely.prepare(drawn)
    found: Bools = people.positioned & shapely.intersects_xy(drawn, people.lon, people.lat)
    return found


def _lost(people: People, bounds: Bounds, walked: npt.NDArray[np.int32] | None) -> Bools:
    """Homes of which nobody knows whether they lie in a circle."""
    if bounds.polygon is not None:
        return ~people.positioned
    return np.ones(len(people), bool) if walked is None else ~people.positioned | (walked == OFF)


def communities_of(people: People, bounds: Bounds, members: Bools) -> tuple[str, ...]:
    """The communities that a circle holds: those it is said to hold, else those at least half of whose located residents live in it."""
    if bounds.communities:
        return bounds.communities
    names, which = people.communities
    residents = people.group("residents") * people.positioned
    total = np.bincount(which, residents, len(names))
    within = np.bincount(which, residents * members, len(names))
    return tuple(names[at] for at in np.flatnonzero((within > 0) & (2 * within >= total)).tolist() if names[at])


def scopes(people: People, circles: Sequence[Bounds], grown: Mapping[str, Ints]) -> tuple[Scopes, dict[str, tuple[str, ...]]]:
    """All scopes, and the communities of each circle. grown: by circle, decimetres from each home to its centre within its walk, -1 beyond
    it, OFF where nobody knows; without circles whose centre is not on the network.

    A home of which nobody knows where it lies, or how far it is to the centre, belongs to the circles that hold its community. Areas are
    the communities with a located home or in a circle, their counties, and the whole: elsewhere no network says anything.
    """
    names, which = people.communities
    rows, held = [], {}
    for one in circles:
        members = inside(people, one, grown.get(one.code))
        held[one.code] = communities_of(people, one, members)
        mine = np.isin(names, held[one.code])[which] if names else members
        rows.append(np.flatnonzero(members | (_lost(people, one, grown.get(one.code)) & mine)))
    spoken = {names[at] for at in set(which[people.positioned].tolist())} | {code for codes in held.values() for code in codes}
    areas = [*sorted({code for code in spoken if code} | {code[:COUNTY] for code in spoken if code}), WHOLE]
    homes: dict[str, list[int]] = {area: [] for area in areas}
    for home, code in enumerate(people.code):
        for area in {code[:COMMUNITY], code[:COUNTY], WHOLE} & homes.keys():
            homes[area].append(home)
    rows += [np.array(homes[area], np.int64) for area in areas]
    ends = np.cumsum([0, *map(len, rows)])
    inside_ = np.concatenate(rows)
    from scipy.sparse import csr_array  # scipy is loaded when it is first needed

    adrift = frozenset(one.code for one in circles if one.polygon is None and one.code not in grown)
    member = csr_array((np.ones(len(inside_), np.int64), inside_, ends), shape=(len(rows), len(people)))
    return Scopes(tuple(one.code for one in circles), tuple(areas), member, adrift), held
