"""Who is born to whom and married to whom: ages and sexes by quota, then couples, then parents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from linli.registers.generated.population import OLDEST, Bools, Ints, Population, Slice, birthdays, stream

ADULT = 18
# Shares of men and of women who are married, by age from (assumption; follows the usual shape of Chinese marriage tables).
_MARRIED = {
    0: (0.0, 0.0),
    20: (0.05, 0.12),
    25: (0.45, 0.60),
    30: (0.82, 0.90),
    40: (0.93, 0.95),
    60: (0.88, 0.82),
    70: (0.78, 0.62),
    80: (0.62, 0.30),
}
# Shares of residents whose parents, or a surviving one, are residents too, by age from (assumption).
_PARENTS = {0: 0.996, 18: 0.95, 30: 0.85, 40: 0.65, 50: 0.35, 63: 0.0}


@dataclass(slots=True)
class Kin:
    """The people of a block. spouse, father, mother: position in the block, -1 for none. unit: the couple or single one belongs to.

    parents: the unit of father and mother, -1 for none. sure: position of each unit's first partner.
    """

    age: Ints
    male: Bools
    born: npt.NDArray[np.datetime64]
    spouse: Ints
    father: Ints
    mother: Ints
    unit: Ints
    parents: Ints
    first: Ints
    second: Ints


def draw_kin(population: Population, block: Slice, seed: int, as_of: date) -> Kin:
    """Ages and sexes that meet the quota to within one person per cell; couples by age; parents 18 or more years older."""
    rng = stream(seed, block, "kinship")
    age, male = _by_quota(rng, population.ages, block.size)
    starts, ends = birthdays(as_of)
    days = (ends - starts).astype(np.int64)[age] + 1
    born = starts[age] + (rng.random(block.size) * days).astype(np.int64)
    spouse = _marry(rng, age, male)
    unit, first, second = _units(spouse, male)
    parents = _parents(rng, age, unit, first, second, spouse)
    father, mother = _father_and_mother(parents, first, second, male)
    return Kin(age, male, born, spouse, father, mother, unit, parents, first, second)


def share_at(steps: dict[int, float], age: Ints) -> npt.NDArray[np.float64]:
    """The value of an age-stepped table at each age."""
    return np.array(list(steps.values()))[np.searchsorted(np.array(list(steps)), age, side="right") - 1]


def _by_quota(rng: np.random.Generator, cells: npt.NDArray[np.float64], size: int) -> tuple[Ints, Bools]:
    """Systematic sampling: one random start, then equal steps through the cumulated shares."""
    steps = (np.arange(size) + rng.random()) / max(size, 1)
    cell = np.minimum(np.searchsorted(np.cumsum(cells) / cells.sum(), steps, side="right"), len(cells) - 1)
    return cell % OLDEST, cell < OLDEST


def _marry(rng: np.random.Generator, age: Ints, male: Bools) -> Ints:
    """Pair the marrying men and women in order of age, husbands about two years older."""
    chance = np.where(
        male,
        share_at({start: pair[0] for start, pair in _MARRIED.items()}, age),
        share_at({start: pair[1] for start, pair in _MARRIED.items()}, age),
    )
    marries = rng.random(len(age)) < chance
    men, women = np.flatnonzero(marries & male), np.flatnonzero(marries & ~male)
    count = min(len(men), len(women))
    men = rng.permutation(men)[:count]
    women = rng.permutation(women)[:count]
    men = men[np.argsort(age[men] + rng.normal(0, 1.5, count), kind="stable")]
    women = women[np.argsort(age[women] + rng.normal(0, 1.5, count), kind="stable")]
    spouse = np.full(len(age), -1, dtype=np.int64)
    spouse[men], spouse[women] = women, men
    return spouse


def _units(spouse: Ints, male: Bools) -> tuple[Ints, Ints, Ints]:
    """Couples and singles. Returns each person's unit, and each unit's first partner (the husband of a couple) and second (-1)."""
    own = np.arange(len(spouse))
    leads = (spouse < 0) | male
    first = own[leads]
    number = np.cumsum(leads) - 1
    unit = np.where(leads, number, number[np.maximum(spouse, 0)])
    return unit, first, spouse[first]


def _parents(rng: np.random.Generator, age: Ints, unit: Ints, first: Ints, second: Ints, spouse: Ints) -> Ints:
    """The unit that each person's parents form: couples, or people widowed at 50 or more, whose younger partner is 20 to 42 years older."""
    parents = np.full(len(age), -1, dtype=np.int64)
    younger = np.where(second >= 0, np.minimum(age[first], age[np.maximum(second, 0)]), age[first])
    able = np.flatnonzero(((second >= 0) & (younger >= 20)) | ((second < 0) & (younger >= 50) & (rng.random(len(first)) < 0.6)))
    children = np.flatnonzero(rng.random(len(age)) < share_at(_PARENTS, age))
    if not len(able) or not len(children):
        return parents
    able = able[np.argsort(younger[able], kind="stable")]
    ages = younger[able]
    target = age[children] + np.clip(np.round(rng.normal(26.5, 4.0, len(children))), 20, 42).astype(np.int64)
    low, high = np.searchsorted(ages, target), np.searchsorted(ages, target, side="right")
    chosen = np.where(high > low, low + (rng.random(len(children)) * (high - low)).astype(np.int64), low)
    found = chosen < len(able)
    children, chosen = children[found], able[chosen[found]]
    close = younger[chosen] - age[children] >= ADULT + 2
    parents[children[close]] = chosen[close]
    # Two children of the same parents do not marry: the younger family's link is left out.
    siblings = (spouse >= 0) & (parents >= 0) & (parents == parents[np.maximum(spouse, 0)])
    parents[siblings] = -1
    return parents


def _father_and_mother(parents: Ints, first: Ints, second: Ints, male: Bools) -> tuple[Ints, Ints]:
    known = np.maximum(parents, 0)
    one, two = first[known], second[known]
    father = np.where((parents >= 0) & male[one], one, -1)
    # The first partner of a couple is the husband; a widow stands alone as first.
    mother = np.where(parents >= 0, np.where(male[one], two, one), -1)
    return father, mother
