"""Planted cases: people whose answer is known by construction, because their rows were written to make it so. No rule is run.

Every case takes a household that no other case has taken, whose members live and are registered in the city, outside the county
whose list is stale (except where the staleness is the case). Its label holds on the as-of date of the generation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from linli.kernel.dates import add_years
from linli.registers.generated.lists import Lists, Scene
from linli.registers.generated.population import Bools, Ints, Slice, stream

RESIDENTS_PER_CASE = 20_000
HARDSHIP = ("subsistence-allowance", "extreme-hardship", "low-income-edge")


@dataclass(slots=True)
class Stage:
    """A block while cases are planted in it. kept: people whose whole household is still free and in order (see module)."""

    scene: Scene
    lists: Lists
    kept: Bools
    stale: Bools
    adapted: Bools

    @property
    def age(self) -> Ints:
        """Completed years on the as-of date."""
        return self.scene.kin.age

    def off(self, people: Ints, *slugs: str) -> None:
        """Take these people and everyone of their households off the lists."""
        everyone = np.isin(self.scene.homes.household, self.scene.homes.household[people])
        for slug in slugs:
            self.lists[slug].present[everyone] = False

    def homes_on(self, people: Ints, slug: str) -> None:
        """Put everyone of these people's households on a list."""
        self.lists[slug].put(self.members(people))

    def members(self, people: Ints) -> Ints:
        """Everyone of these people's households."""
        return np.flatnonzero(np.isin(self.scene.homes.household, self.scene.homes.household[people]))

    def companion(self, people: Ints) -> Ints:
        """Another adult of each person's household (`with_adult` says who has one)."""
        home = self.scene.homes.household
        found = []
        for person in people.tolist():
            others = np.flatnonzero((home == home[person]) & (self.age >= 25))
            found.append(int(others[others != person][0]))
        return np.array(found, dtype=np.int64)

    def with_adult(self) -> Bools:
        """Who lives with another person aged 25 or over."""
        home = self.scene.homes.household
        adults = np.bincount(home, self.age >= 25, minlength=len(self.scene.homes.head))[home]
        return np.asarray(adults - (self.age >= 25) > 0)

    def born(self, people: Ints, day: date) -> None:
        """Give people this birth date."""
        self.scene.kin.born[people] = np.datetime64(day, "D")


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of planted case. who: candidates among the kept; plant: writes the rows. missing: facts an undecided answer waits for.

    where_stale: planted in the county whose list is stale, and nowhere else.
    """

    programme: str
    label: str
    why: str
    who: Callable[[Stage], Bools]
    plant: Callable[[Stage, Ints], None]
    missing: tuple[str, ...] = ()
    amount_fen: int | None = None
    subject: str = "person"
    where_stale: bool = False


@dataclass(frozen=True, slots=True)
class Planted:
    """One planted subject: a person's position in the block (the head's, for a household)."""

    case: Case
    person: int


def plant(block: Slice, seed: int, scene: Scene, lists: Lists, cases: tuple[Case, ...]) -> tuple[list[Planted], Bools]:
    """Plant every kind of case in the block as often as its size allows. Returns the cases, and who already has an adapted home."""
    rng = stream(seed, block, "planted")
    stale = scene.where.counties("registered") == scene.rates["stale"]["county"]
    adapted = (scene.kin.age >= 60) & lists["subsistence-allowance"].present & (rng.random(block.size) < 0.15)
    stage = Stage(scene, lists, _in_order(scene), stale, adapted)
    planted: list[Planted] = []
    for case in cases:
        people = np.flatnonzero(stage.kept & case.who(stage) & (stale if case.where_stale else ~scene.any_at_home(stale)))
        people = people[scene.homes.head[scene.homes.household[people]] == people] if case.subject == "household" else people
        _, once = np.unique(scene.homes.household[people], return_index=True)
        chosen = np.sort(rng.permutation(people[once])[: 1 + block.size // RESIDENTS_PER_CASE])
        if len(chosen):
            case.plant(stage, chosen)
            stage.kept[stage.members(chosen)] = False
            planted.extend(Planted(case, person) for person in chosen.tolist())
    return planted, stage.adapted


def _in_order(scene: Scene) -> Bools:
    """People all of whose household live and are registered in one county of the city."""
    lives, registered = scene.where.counties("lives"), scene.where.counties("registered")
    return ~scene.any_at_home((lives != registered) | (lives != scene.where.counties("lives")[scene.homes.head[scene.homes.household]]))


def years_ago(stage: Stage, years: int) -> date:
    """The as-of date that many years earlier."""
    return add_years(stage.scene.as_of, -years)


def one_each(*groups: tuple[Case, ...]) -> Iterator[Case]:
    """The cases of several programmes, in turn, so that a small population has some of each."""
    for position in range(max(map(len, groups))):
        yield from (group[position] for group in groups if position < len(group))
