"""What a generated population is calibrated to: county totals, ages, rates (cities/<city>/population.yaml) and the division table."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from linli.kernel.dates import add_years
from linli.kernel.errors import LinliError, Place

BLOCK = 40_000  # residents of one county generated at a time: what bounds memory
OLDEST = 110
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class County:
    """A county with its villages and communities. weights: share of the county's households each takes, cumulative."""

    code: str
    residents: int
    villages: npt.NDArray[np.str_]
    urban: Bools
    weights: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Population:
    """A checked population file. ages: probability of each (sex, age) cell, men first, ages 0 to OLDEST - 1."""

    area: str
    counties: tuple[County, ...]
    ages: npt.NDArray[np.float64]
    rates: Mapping[str, Any]

    def county(self, code: str) -> County:
        """The county of that code (StopIteration otherwise)."""
        return next(county for county in self.counties if county.code == code)


@dataclass(frozen=True, slots=True)
class Slice:
    """One block of a county's residents: `size` people numbered from `first` (1-based, over the whole population).

    start, end: which part of the county's households it takes, from 0 to 1.
    """

    county: County
    index: int
    first: int
    size: int
    start: float
    end: float


def load_population(city: Path) -> Population:
    """Read cities/<city>/population.yaml and its division table. Raises LinliError when the file is missing or does not add up."""
    path = city / "population.yaml"
    if not path.exists():
        raise _bad(path, "a population file", "none", "population")
    content = yaml.safe_load(path.read_text("utf-8"))
    villages = _villages(city)
    counties = tuple(_county(path, row, villages) for row in content["counties"]["rows"])
    return Population(content["area"], counties, _age_cells(path, content["ages"]["groups"]), content["assumptions"])


def slices(population: Population, residents: int) -> Iterator[Slice]:
    """The blocks of a population of `residents` people, county by county in code order; sizes depend on nothing but that number."""
    first = 1
    for county, size in zip(population.counties, _largest_remainder(residents, [c.residents for c in population.counties]), strict=True):
        pieces = -(-size // BLOCK)
        for index, part in enumerate(_largest_remainder(size, [1] * pieces)):
            yield Slice(county, index, first, part, index / pieces, (index + 1) / pieces)
            first += part


def stream(seed: int, block: Slice, room: str) -> np.random.Generator:
    """A random stream of one room of one block, so that a block never depends on which others are made, or in which order."""
    return np.random.default_rng([seed, int(block.county.code), block.index, *room.encode()])


def birthdays(as_of: date) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.datetime64]]:
    """First and last birth date of those aged 0 … OLDEST on `as_of`, as two arrays of days."""
    last = [add_years(as_of, -age) for age in range(OLDEST + 2)]
    ends = np.array(last[:-1], dtype="datetime64[D]")
    starts = np.array(last[1:], dtype="datetime64[D]") + 1
    return starts, ends


def _largest_remainder(total: int, weights: list[int]) -> list[int]:
    """`total` shared out in proportion to the weights, adding up exactly."""
    whole = sum(weights)
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(total * weights[place] % whole), place))
    for place in by_remainder[: total - sum(shares)]:
        shares[place] += 1
    return shares


def _villages(city: Path) -> dict[str, list[tuple[str, str]]]:
    """Villages and communities by county; nobody is placed in a special area (a prison, a works)."""
    kinds = yaml.safe_load((city / "areas" / "kinds.yaml").read_text("utf-8"))["kinds"]
    special = {row["code"] for row in kinds if row["kind"] == "special"}
    found: dict[str, list[tuple[str, str]]] = {}
    with (city / "areas" / "divisions.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if len(row["code"]) == 12 and row["code"][:9] not in special:
                found.setdefault(row["code"][:6], []).append((row["code"], row["name"]))
    return found


def _county(path: Path, row: Mapping[str, Any], villages: Mapping[str, list[tuple[str, str]]]) -> County:
    own = sorted(villages.get(row["code"], []))
    if not own:
        raise _bad(path, "a county of the division table", row["code"], "counties.rows")
    urban = np.array(["居委会" in name or "社区" in name for _, name in own])
    weights = np.where(urban, 4.0, 1.0)  # an urban community is about four times the size of a village (assumption)
    return County(row["code"], row["residents"], np.array([code for code, _ in own]), urban, np.cumsum(weights) / weights.sum())


def _age_cells(path: Path, groups: list[Mapping[str, int]]) -> npt.NDArray[np.float64]:
    if sum(group["share"] for group in groups) != 10_000:
        raise _bad(path, "shares that add up to 10000", str(sum(group["share"] for group in groups)), "ages.groups")
    cells = np.zeros((2, OLDEST))
    for group in groups:
        years = np.arange(group["from"], group["to"] + 1)
        # The last group thins out with age; within the others every year has the same share.
        weights = 0.78 ** (years - years[0]) if len(years) > 5 else np.ones(len(years))
        share = group["share"] / 10_000 * weights / weights.sum()
        cells[0, years] = share * group["men"] / 1000
        cells[1, years] = share * (1000 - group["men"]) / 1000
    return cells.ravel()


def _bad(path: Path, expected: str, found: str, field: str) -> LinliError:
    return LinliError(
        "generated.bad_population",
        zh="人口生成参数文件有误",
        en="The population file cannot be used.",
        place=Place(str(path), field=field),
        expected=expected,
        found=found,
        remedy_zh="对照 cities/yuncheng/population.yaml 修改",
        remedy_en="compare it with cities/yuncheng/population.yaml",
    )
