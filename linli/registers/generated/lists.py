"""What the departments' register lists say of a generated block, before anyone is planted. Rates: population.yaml, assumptions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from linli.registers.generated.dwellings import Dwellings
from linli.registers.generated.households import Households
from linli.registers.generated.kinship import ADULT, Kin, share_at
from linli.registers.generated.population import Bools, Ints, Population, Slice, stream

Values = npt.NDArray[Any]
KINDS = np.array(["physical", "hearing", "visual", "speech", "intellectual", "mental", "multiple"])
_KIND_SHARES = [0.55, 0.09, 0.12, 0.02, 0.09, 0.10, 0.03]
LEVELS = np.array(["primary", "junior_secondary", "senior_secondary", "college", "undergraduate", "postgraduate"])
# Age at which each level starts, its years, and shares enrolled by age from (assumption).
_STUDY = {
    "primary": (6, 6, {0: 0.0, 6: 0.996, 12: 0.0}),
    "junior_secondary": (12, 3, {0: 0.0, 12: 0.992, 15: 0.0}),
    "senior_secondary": (15, 3, {0: 0.0, 15: 0.88, 18: 0.0}),
    "college": (18, 3, {0: 0.0, 18: 0.26, 21: 0.0}),
    "undergraduate": (18, 4, {0: 0.0, 18: 0.24, 22: 0.05, 23: 0.0}),
    "postgraduate": (22, 3, {0: 0.0, 22: 0.05, 25: 0.01, 27: 0.0}),
}


@dataclass(slots=True)
class Rows:
    """One list over the people of a block: who is on it, and the value every person has or would have.

    blank: left empty by the department.
    """

    present: Bools
    values: dict[str, Values] = field(default_factory=dict)
    blank: dict[str, Bools] = field(default_factory=dict)

    def put(self, people: Ints, leave: str = "", **values: Any) -> None:
        """Enter people with these values and nothing left blank but the column `leave`."""
        self.present[people] = True
        for name, blank in self.blank.items():
            blank[people] = name == leave
        for name, value in values.items():
            self.values[name][people] = value

    def remove(self, people: Ints) -> None:
        """Take people off the list."""
        self.present[people] = False

    def known(self, name: str) -> Bools:
        """Who has a value of that column on the list."""
        return self.present & ~self.blank[name] if name in self.blank else self.present


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything the lists are drawn from. size: number of people of each person's household."""

    kin: Kin
    homes: Households
    where: Dwellings
    rates: Any
    as_of: date
    rng: np.random.Generator
    size: Ints
    employers: npt.NDArray[np.str_]

    @property
    def day(self) -> np.datetime64:
        """The as-of date as numpy has it."""
        return np.datetime64(self.as_of, "D")

    def chance(self, shares: Any) -> Bools:
        """True with the given chance per 10,000, drawn for every person."""
        return np.asarray(self.rng.random(len(self.kin.age)) * 10_000 < shares)

    def chance_of_home(self, shares: Any) -> Bools:
        """One draw for each household, seen by each of its members; `shares` per household or one for all."""
        return np.asarray((self.rng.random(len(self.homes.head)) * 10_000 < shares)[self.homes.household])

    def any_at_home(self, people: Bools) -> Bools:
        """For each person, whether anyone of their household is among `people`."""
        return np.asarray((np.bincount(self.homes.household, people, minlength=len(self.homes.head)) > 0)[self.homes.household])

    def some_day(self, least: int, most: int) -> Values:
        """A day for each person, between `least` and `most` days before the as-of date."""
        return np.asarray(self.day - self.rng.integers(least, most + 1, len(self.kin.age)))


Lists = dict[str, Rows]


def draw_lists(
    population: Population, block: Slice, seed: int, as_of: date, kin: Kin, homes: Households, where: Dwellings, employers: Values
) -> tuple[Scene, Lists]:
    """Every person list of the block, each drawn after those it depends on; sets where people are insured and study."""
    size = np.bincount(homes.household, minlength=len(homes.head))[homes.household]
    scene = Scene(kin, homes, where, population.rates, as_of, stream(seed, block, "lists"), size, employers)
    lists: Lists = {}
    for slug, draw in DRAWN.items():
        lists[slug] = draw(scene, lists)
        _leave_blank(scene, lists[slug])
    return scene, lists


def _leave_blank(scene: Scene, rows: Rows) -> None:
    """A department leaves some optional values empty."""
    for name in rows.values:
        if name in OPTIONAL:
            rows.blank[name] = scene.chance(scene.rates["missing_value"])


def _disability(scene: Scene, _: Lists) -> Rows:
    people = len(scene.kin.age)
    present = scene.chance(share_at(scene.rates["disability_certificate"], scene.kin.age))
    issued = scene.some_day(30, 3000)
    return Rows(
        present,
        {
            "disability_kind": scene.rng.choice(KINDS, people, p=_KIND_SHARES),
            "disability_level": scene.rng.choice(np.array([1, 2, 3, 4]), people, p=[0.16, 0.30, 0.25, 0.29]),
            "issued_on": np.maximum(issued, scene.kin.born),
        },
    )


def _students(scene: Scene, _: Lists) -> Rows:
    people = len(scene.kin.age)
    draw = scene.rng.random(people)
    level, reached = np.full(people, -1), np.zeros(people)
    for number, row in enumerate(_STUDY.values()):
        share = share_at(row[2], scene.kin.age)
        level[(level < 0) & (draw >= reached) & (draw < reached + share)] = number
        reached += share
    present = level >= 0
    level = np.maximum(level, 0)
    enrolled, graduation = school_years(scene, level)
    higher = present & (level >= 3)
    scene.where.studies[present] = scene.where.counties("lives")[present]
    scene.where.studies[higher] = scene.rng.choice(np.array(scene.rates["university_areas"]), int(higher.sum()))
    return Rows(present, {"student_level": LEVELS[level], "enrolled_on": enrolled, "expected_graduation": graduation})


def school_years(scene: Scene, level: Ints) -> tuple[Values, Values]:
    """First day of study and expected graduation of each person at that level (position in LEVELS), by age."""
    start = np.array([row[0] for row in _STUDY.values()])[level]
    years = np.array([row[1] for row in _STUDY.values()])[level]
    done = np.clip(scene.kin.age - start, 0, years - 1)
    first = (scene.as_of.year if scene.as_of.month >= 9 else scene.as_of.year - 1) - done
    begins = (first - 1970).astype("datetime64[Y]").astype("datetime64[M]") + 8
    ends = (first + years - 1970).astype("datetime64[Y]").astype("datetime64[M]") + 5
    return begins.astype("datetime64[D]"), ends.astype("datetime64[D]") + 29


def _insured(scene: Scene, lists: Lists) -> Rows:
    people, age = len(scene.kin.age), scene.kin.age
    share = np.where(scene.where.urban, scene.rates["insured_employees"]["urban"], scene.rates["insured_employees"]["rural"])
    working = (age >= 22) & (age < 60) & ~lists["student-status"].present
    present = working & scene.chance(share) & (len(scene.employers) > 0)
    base = np.clip(np.exp(scene.rng.normal(8.35, 0.38, people)), 3_600, 22_000).astype(np.int64) * 100
    scene.where.insured[present] = scene.where.counties("lives")[present]
    employer = scene.employers[scene.rng.integers(0, max(len(scene.employers), 1), people)] if len(scene.employers) else np.full(people, "")
    since = np.maximum(scene.some_day(20, 9000), scene.kin.born + 18 * 366)
    return Rows(present, {"contribution_base": base, "insured_since": since, "employer_code": employer})


def _unemployed(scene: Scene, lists: Lists) -> Rows:
    age = scene.kin.age
    idle = (age >= 20) & (age < 60) & ~lists["social-insurance"].present & ~lists["student-status"].present
    return Rows(idle & scene.chance(scene.rates["registered_unemployed"]), {"unemployed_since": scene.some_day(20, 900)})


def _hard_to_employ(scene: Scene, lists: Lists) -> Rows:
    recognised = lists["unemployment-registration"].present & scene.chance(scene.rates["hard_to_employ"])
    return Rows(recognised, {"recognised_on": scene.some_day(10, 300)})


def _subsistence(scene: Scene, lists: Lists) -> Rows:
    rates = scene.rates["subsistence_households"]
    head = scene.homes.head
    disabled = scene.any_at_home(lists["disability-certificate"].present)[head]
    share = np.where(disabled, rates["with_disabled"], np.where(scene.where.urban[head], rates["urban"], rates["rural"]))
    present = scene.chance_of_home(share) & ~scene.any_at_home(lists["social-insurance"].present)
    return Rows(
        present,
        {
            "subsistence_category": np.where(scene.where.urban, "urban", "rural"),
            "approved_on": _since_birth(scene, scene.some_day(40, 2500)),
        },
    )


def _extreme_hardship(scene: Scene, lists: Lists) -> Rows:
    kin = scene.kin
    has_children = np.zeros(len(kin.first), dtype=bool)
    has_children[kin.parents[kin.parents >= 0]] = True
    alone = (kin.age >= 60) & (kin.spouse < 0) & ~has_children[kin.unit] & (scene.size == 1)
    present = alone & ~lists["subsistence-allowance"].present & scene.chance(scene.rates["extreme_hardship_elders"])
    return Rows(present, {"approved_on": scene.some_day(40, 3000)})


def _low_income_edge(scene: Scene, lists: Lists) -> Rows:
    others = lists["subsistence-allowance"].present | lists["extreme-hardship"].present
    present = scene.chance_of_home(scene.rates["low_income_edge_households"]) & ~scene.any_at_home(others)
    return Rows(present, {"approved_on": _since_birth(scene, scene.some_day(40, 1200))})


def _since_birth(scene: Scene, days: Values) -> Values:
    """Nobody is on a list before being born."""
    return np.maximum(days, scene.kin.born)


def _economic_check(scene: Scene, lists: Lists) -> Rows:
    """Members of households that authorised a check: applicants for allowances, and a few others."""
    applied = lists["subsistence-allowance"].present | lists["low-income-edge"].present
    present = applied | scene.chance_of_home(scene.rates["economic_check_households"])
    people, age = len(scene.kin.age), scene.kin.age
    income = scene.rng.integers(300, 2_600, people)
    income = np.where(
        age >= 60, np.where(scene.where.urban, scene.rng.integers(1_200, 3_800, people), scene.rng.integers(135, 420, people)), income
    )
    income = np.where(lists["social-insurance"].present, lists["social-insurance"].values["contribution_base"] // 100, income)
    income = np.where((age < ADULT) | lists["student-status"].present, 0, np.where(applied, income // 4, income))
    assets = np.where(age < ADULT, 0, scene.rng.integers(500, 60_000, people) // np.where(applied, 6, 1))
    return Rows(present, {"monthly_income": income * 100, "assets": assets * 100})


def _rehabilitation(scene: Scene, lists: Lists) -> Rows:
    rates = scene.rates["needs_rehabilitation"]
    share = np.where(lists["disability-certificate"].present, rates["with_certificate"], rates["without"])
    return Rows((scene.kin.age < 16) & scene.chance(share), {"assessed_on": _since_birth(scene, scene.some_day(10, 700))})


def _elder_survey(scene: Scene, _: Lists) -> Rows:
    age = scene.kin.age
    alone = scene.size == 1
    nest = ~scene.any_at_home(age < 60)
    draw = scene.rng.random(len(age)) + (age - 75) * 0.012
    care = np.select([draw > 1.05, draw > 0.98, draw > 0.88], [3, 2, 1], default=0)
    return Rows(
        (age >= 60) & scene.chance(scene.rates["visited_elders"]), {"lives_alone": alone, "is_empty_nest": nest, "care_level": care}
    )


def _startup_loans(scene: Scene, _: Lists) -> Rows:
    people, age = len(scene.kin.age), scene.kin.age
    present = (age >= 20) & (age < 60) & scene.chance(scene.rates["startup_loans"])
    paid_out = scene.some_day(20, 1400)
    repaid = scene.rng.random(people) < 0.2
    rows = Rows(
        present,
        {
            "loan_principal": scene.rng.integers(5, 41, people) * 10_000_00,
            "loan_from": paid_out,
            "loan_to": paid_out + scene.rng.choice(np.array([365, 730, 1095]), people),
            "loan_repaid_on": np.minimum(paid_out + 300, scene.day - 1),
        },
    )
    rows.blank["loan_repaid_on"] = ~repaid
    return rows


def _housing(scene: Scene, _: Lists) -> Rows:
    rates = scene.rates["dwelling_unsafe"]
    unsafe = scene.chance_of_home(np.where(scene.where.urban[scene.homes.head], rates["urban"], rates["rural"]))
    recorded = scene.chance_of_home(scene.rates["dwelling_recorded"])
    return Rows((scene.kin.age >= 60) & recorded, {"dwelling_unsafe_for_elders": unsafe})


def _teacher_posts(scene: Scene, lists: Lists) -> Rows:
    """Teachers in post, among the insured of the countryside."""
    people = len(scene.kin.age)
    rural = lists["social-insurance"].present & ~scene.where.urban & (scene.kin.age >= 22)
    since = np.maximum(scene.some_day(40, 3000), scene.kin.born + 22 * 366)
    return Rows(
        rural & scene.chance(scene.rates["rural_teachers"]),
        {
            "school_grade": scene.rng.choice(np.array(["一类", "二类", "三类"]), people),
            "rural_teaching_years": (scene.day - since).astype(np.int64) // 366,
            "post_from": since,
        },
    )


def _platform_orders(scene: Scene, lists: Lists) -> Rows:
    """Who had an order on a platform on the as-of date."""
    age = scene.kin.age
    free = (age >= 18) & (age < 55) & ~lists["student-status"].present & ~lists["social-insurance"].present
    return Rows(free & scene.chance(scene.rates["platform_workers"]), {"order_day": np.full(len(age), scene.day)})


OPTIONAL = frozenset(
    {
        "contribution_base",
        "insured_since",
        "employer_code",
        "enrolled_on",
        "expected_graduation",
        "lives_alone",
        "is_empty_nest",
        "care_level",
    }
)
DRAWN: dict[str, Callable[[Scene, Lists], Rows]] = {
    "disability-certificate": _disability,
    "student-status": _students,
    "social-insurance": _insured,
    "unemployment-registration": _unemployed,
    "hard-to-employ": _hard_to_employ,
    "subsistence-allowance": _subsistence,
    "extreme-hardship": _extreme_hardship,
    "low-income-edge": _low_income_edge,
    "economic-check": _economic_check,
    "rehabilitation-assessment": _rehabilitation,
    "elder-survey": _elder_survey,
    "startup-loan": _startup_loans,
    "housing": _housing,
    "teacher-post": _teacher_posts,
    "platform-orders": _platform_orders,
}
