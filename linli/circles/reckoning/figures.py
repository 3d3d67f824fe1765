"""Figures: how many people of each group reach what a norm asks for, and how a circle stands with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import numpy as np
import numpy.typing as npt

from linli.circles.declared import COLUMNS, Group, Norm, Standard
from linli.circles.declared.norms import moment
from linli.circles.reckoning.people import COUNTY, Bools, Bounds, Counts, People, Scopes, scopes
from linli.circles.reckoning.walks import UNREACHED, Grounds, Places, Streets, Walk, grown, reach_of, walks_over
from linli.kernel.workdays import Workdays
from linli.reach import profiles
from linli.reach.graph import Ints

OPEN, UNKNOWN, MET = "open", "unknown", "met"
NOBODY = "nobody"
Moments = Mapping[str, datetime]
Key = tuple[str, str]
Walks = Mapping[Key, Walk]
Fars = Mapping[Key, Ints]


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A figure: see models.Figure. circle: its code, None for an area."""

    circle: str | None
    area: str
    norm: str
    profile: str
    limit: int
    looked: int
    people: tuple[tuple[int, int, int], ...]
    found: int
    median: int | None
    most: int | None

    def of(self, group: str) -> tuple[int, int, int]:
        """Covered, uncovered, and of the uncovered those who can't be located."""
        return self.people[COLUMNS.index(group)]

    def plain(self) -> list[object]:
        """For the digest of all figures."""
        told = [self.circle or "", self.area, self.norm, self.profile, self.limit, self.looked, [list(one) for one in self.people]]
        return [*told, self.found, self.median, self.most]


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything that figures depend on. day: of norms and places; scopes: whose figures; held: the communities of each circle."""

    grounds: Grounds
    people: People
    places: Places
    circles: Sequence[Bounds]
    standard: Standard
    day: date
    calendar: Workdays
    moments: Moments
    scopes: Scopes
    held: Mapping[str, tuple[str, ...]]

    @cached_property
    def about(self) -> Bools:
        """The homes of the counties that any figure is about; elsewhere no network says anything."""
        counties = {area for area in self.scopes.areas if len(area) == COUNTY}
        return np.array([code[:COUNTY] in counties for code in self.people.code], bool)

    @cached_property
    def norms(self) -> tuple[Norm, ...]:
        """Those that hold on the day, for some type of circle."""
        return self.standard.asked(self.day)

    @cached_property
    def groups(self) -> Mapping[str, Group]:
        """The groups as they are defined on the day."""
        return self.standard.groups_on(self.day)

    @cached_property
    def profiles(self) -> tuple[str, ...]:
        """The ways of walking that any group has."""
        return tuple(dict.fromkeys(group.profile for group in self.groups.values()))


def scene(
    grounds: Grounds, people: People, places: Places, circles: Sequence[Bounds], standard: Standard, day: date, calendar: Workdays
) -> Scene:
    """Put together, with circles grown where they have no polygon."""
    found, held = scopes(people, circles, grown(grounds, people, circles))
    names = sorted({when for norm in standard.asked(day) for when in norm.at})
    moments = {when: moment(when, day, calendar) for when in names}
    return Scene(grounds, people, places, circles, standard, day, calendar, moments, found, held)


def look(scene: Scene, profile: str) -> int:
    """How far a norm may lead somebody who walks like this, in decimetres."""
    how = profiles.profile(profile)
    return max((norm.limit(how) for norm in scene.norms), default=0)


def walks(scene: Scene) -> dict[Key, Walk]:
    """Of every profile at every moment that a norm asks for; each is searched when it is first asked."""
    far = {profile: look(scene, profile) for profile in scene.profiles}
    return walks_over(scene.grounds, scene.people, scene.places, far, scene.moments, scene.calendar)


def asked(scene: Scene, norms: Iterable[Norm], *, everyone: bool = False) -> dict[Key, tuple[str, ...]]:
    """The categories that norms look at, by way of walking and moment: the way of each norm's group, for everyone every way."""
    found: dict[Key, set[str]] = {}
    for norm in norms:
        for profile in scene.profiles if everyone else (scene.groups[norm.group].profile,):
            for when in norm.at:
                found.setdefault((profile, when), set()).update(norm.categories)
    return {key: tuple(sorted(found[key])) for key in sorted(found)}


def by_streets(done: Walks, keys: Iterable[Key]) -> list[tuple[Streets, list[Key]]]:
    """The keys put together by the streets that they share."""
    found: dict[int, tuple[Streets, list[Key]]] = {}
    for key in keys:
        found.setdefault(id(done[key].streets), (done[key].streets, []))[1].append(key)
    return list(found.values())


def search(done: Walks, wanted: Mapping[Key, Sequence[str]]) -> None:
    """Search what will be asked, list by list of places, each once on the same streets."""
    for streets, keys in by_streets(done, wanted):
        streets.search(done[key].listed(name) for key in keys for name in wanted[key])


def located(scene: Scene, done: Walks, profile: str) -> Bools:
    """Homes that are on the network of a profile; of the others nobody knows how far they have to walk."""
    one = next((walk for (name, _), walk in done.items() if name == profile), None)
    found: Bools = np.zeros(len(scene.people), bool) if one is None else one.homes.link >= 0
    return found


def figures(scene: Scene, done: Walks) -> Iterator[Reckoned]:
    """Every figure: norms by profile, circles first, then areas. What a circle's type isn't asked for isn't reckoned for it."""
    wanted = asked(scene, scene.norms, everyone=True)
    search(done, wanted)
    how_far = fars(scene, done, wanted)
    for profile in scene.profiles:
        sums = _sums(scene, done, profile, how_far)
        for norm in scene.norms:
            yield from _of_norm(scene, done, norm, profile, sums, len(scene.scopes.circles) + len(scene.scopes.areas))


def of_circles(scene: Scene, done: Walks, norms: Sequence[Norm], how_far: Fars) -> list[Reckoned]:
    """The figures that gaps are judged by: circles alone, each norm for the way of walking of its group. how_far: see fars()."""
    groups, found = scene.groups, list[Reckoned]()
    search(done, asked(scene, norms))
    sums: dict[str, _Sums] = {}
    for norm in norms:
        profile = groups[norm.group].profile
        if profile not in sums:
            sums[profile] = _sums(scene, done, profile, how_far)
        found += _of_norm(scene, done, norm, profile, sums[profile], len(scene.scopes.circles))
    return found


def fars(scene: Scene, done: Walks, keys: Iterable[Key]) -> dict[Key, Ints]:
    """By way of walking and moment, decimetres to every place from whoever of a circle is nearest to it, as far as any norm leads
    anybody on these streets: int32 (circles, places). One search for each circle and streets."""
    circles = [scene.scopes.homes(place) for place in range(len(scene.scopes.circles))]
    found: dict[Key, Ints] = {}
    for streets, same in by_streets(done, keys):
        rows = reach_of(streets, circles, leads(scene, done, streets))
        found |= dict.fromkeys(same, rows)
    return found


def leads(scene: Scene, done: Walks, streets: Streets) -> int:
    """How far a norm leads anybody who walks these streets, in decimetres."""
    return max(look(scene, profile) for (profile, _), walk in done.items() if walk.streets is streets)


@dataclass(frozen=True, eq=False)
class _Sums:
    """Of every scope its people and those who can't be located; how far every circle's people have to every place."""

    total: Counts
    missing: Counts
    fars: Fars


def _sums(scene: Scene, done: Walks, profile: str, how_far: Fars) -> _Sums:
    there = located(scene, done, profile)
    return _Sums(scene.scopes.member @ scene.people.counts, scene.scopes.member @ (scene.people.counts * ~there[:, None]), how_far)


def _of_norm(scene: Scene, done: Walks, norm: Norm, profile: str, sums: _Sums, scopes: int) -> Iterator[Reckoned]:
    """Of the first so many scopes."""
    limit, far = norm.limit(profiles.profile(profile)), farthest(done, norm, profile)
    reach = (far >= 0) & (far <= limit)
    covered = scene.scopes.member[:scopes] @ (scene.people.counts * reach[:, None])
    looked = done[profile, norm.at[0]].looked
    lists = {when: done[profile, when].of(norm.categories) for when in norm.at}
    for place, code in enumerate((*scene.scopes.circles, *scene.scopes.areas)[:scopes]):
        people = tuple(
            (int(yes), int(every - yes), int(lost))
            for yes, every, lost in zip(covered[place], sums.total[place], sums.missing[place], strict=True)
        )
        if place >= len(scene.scopes.circles):
            yield Reckoned(None, code, norm.key, profile, limit, looked, people, 0, None, None)
        elif norm.applies(scene.circles[place].kind, scene.day):
            homes = scene.scopes.homes(place)
            weight = scene.people.group(norm.group)[homes]
            weight = weight if weight.any() else scene.people.group(COLUMNS[0])[homes]
            middle, most = spans(far[homes], weight)
            there = min(_within(sums.fars[profile, when][place, numbers], limit) for when, numbers in lists.items())
            yield Reckoned(code, "", norm.key, profile, limit, looked, people, there, middle, most)


def farthest(done: Walks, norm: Norm, profile: str) -> Ints:
    """Decimetres from each home to the nearest place that will do, at the worst of the norm's moments; UNREACHED where there is none."""
    found: Ints | None = None
    for when in norm.at:
        far = done[profile, when].to(norm.categories)
        found = far if found is None else np.where((found < 0) | (far < 0), UNREACHED, np.maximum(found, far))
    assert found is not None
    return found


def _within(far: Ints, limit: int) -> int:
    """How many of a norm's places anybody of a circle reaches in time, also outside the circle."""
    return int(((far >= 0) & (far <= limit)).sum())


def spans(far: Ints, weight: npt.NDArray[np.int64]) -> tuple[int | None, int | None]:
    """Decimetres within which half of the people have their nearest place, and the farthest has: None where they have none.

    far: UNREACHED counts as farther than any. weight: people at each home; those without a position are among the unreached.
    """
    kept = weight > 0
    if not kept.any():
        return None, None
    order = np.argsort(np.where(far[kept] < 0, np.iinfo(np.int32).max, far[kept]), kind="stable")
    sorted_far, people = far[kept][order], np.cumsum(weight[kept][order])
    middle = int(sorted_far[np.searchsorted(people, (people[-1] + 1) // 2)])
    return None if middle < 0 else middle, None if sorted_far[-1] < 0 else int(sorted_far[-1])


def standing_of(scene: Scene, figure: Reckoned, norm: Norm) -> str:
    """How the circle of a figure stands with its norm: unknown where nobody knows where the circle ends."""
    return UNKNOWN if figure.circle in scene.scopes.adrift else judged(*figure.of(norm.group), norm.percent)


def judged(covered: int, uncovered: int, unlocated: int, percent: int) -> str:
    """How a circle stands: met where enough people reach it; open where too few would even if everybody who can't be located did.

    Enough is percent of all, rounded up to a whole person. Of nobody nothing is asked.
    """
    needed = -(-(covered + uncovered) * percent // 100)
    return MET if covered >= needed else OPEN if covered + unlocated < needed else UNKNOWN


def stated(state: str, people: int) -> str:
    """The state as it is told: a norm about people of whom there are none is not met but asks nothing of anybody (NOBODY)."""
    return NOBODY if state == MET and not people else state
