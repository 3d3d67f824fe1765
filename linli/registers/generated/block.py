"""One block of generated residents, whole: kin, homes, lists, planted cases, gaps, names and numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from linli.kernel.dates import add_years
from linli.registers.generated.cases import CASES
from linli.registers.generated.dwellings import settle
from linli.registers.generated.households import form_households
from linli.registers.generated.identity import credit_codes
from linli.registers.generated.kinship import draw_kin
from linli.registers.generated.lists import Lists, Scene, draw_lists
from linli.registers.generated.planted import Planted, plant
from linli.registers.generated.population import Bools, Ints, Population, Slice, slices, stream


@dataclass(frozen=True, slots=True)
class Employers:
    """The block's organisations. number: over the whole population, as their code carries it."""

    number: Ints
    code: npt.NDArray[np.str_]
    insured_headcount: Ints
    new_hires_12m: Ints
    micro_enterprise: Bools
    by_roster: Ints
    joined: Ints
    merchant: Bools
    time_honoured: Bools
    blank: Bools


@dataclass(frozen=True, slots=True)
class Block:
    """What one slice of a population came to. home_known: whose household is on record; adapted: who holds a home adaptation."""

    slice: Slice
    seed: int
    as_of: date
    scene: Scene
    lists: Lists
    planted: list[Planted]
    adapted: Bools
    home_known: Bools
    employers: Employers

    @property
    def numbers(self) -> Ints:
        """Each person's number over the whole population."""
        return self.slice.first + np.arange(self.slice.size)


def blocks(population: Population, residents: int, seed: int, as_of: date) -> Iterator[Block]:
    """The population, one block at a time: memory is that of one block whatever the number of residents."""
    for piece in slices(population, residents):
        if piece.size:
            yield make_block(population, piece, seed, as_of)


def make_block(population: Population, piece: Slice, seed: int, as_of: date) -> Block:
    """One block. The same (population, seed, as_of, slice) gives the same block on any machine and in any order."""
    kin, homes = form_households(draw_kin(population, piece, seed, as_of), piece, seed)
    where = settle(population, piece, seed, homes)
    rng = stream(seed, piece, "employers")
    count = round(piece.size * population.rates["employers"] / 10_000)
    number = piece.first + np.arange(count)
    code = credit_codes(number)
    scene, lists = draw_lists(population, piece, seed, as_of, kin, homes, where, code)
    planted, adapted = plant(piece, seed, scene, lists, CASES)
    return Block(
        piece,
        seed,
        as_of,
        scene,
        lists,
        planted,
        adapted,
        _homes_on_record(scene, planted, rng),
        _employers(rng, number, code, scene, lists),
    )


def _homes_on_record(scene: Scene, planted: list[Planted], rng: np.random.Generator) -> Bools:
    """All but a few households; a planted case's always is."""
    known = rng.random(len(scene.homes.head)) * 10_000 >= scene.rates["household_not_recorded"]
    known[scene.homes.household[[one.person for one in planted]]] = True
    return np.asarray(known[scene.homes.household])


def _employers(rng: np.random.Generator, number: Ints, code: npt.NDArray[np.str_], scene: Scene, lists: Lists) -> Employers:
    """Headcounts are at least what the insurance list says of the block's own residents."""
    insured = lists["social-insurance"]
    own = np.searchsorted(code, insured.values["employer_code"][insured.present])
    headcount = np.bincount(own, minlength=len(code))[: len(code)] + rng.integers(0, 4, len(code))
    hires = rng.binomial(headcount, 0.12)
    on_rosters = insured.known("employer_code")
    came = insured.known("insured_since") & (insured.values["insured_since"] > np.datetime64(add_years(scene.as_of, -1), "D"))
    by_roster, joined = (
        np.bincount(np.searchsorted(code, insured.values["employer_code"][who]), minlength=len(code))[: len(code)]
        for who in (on_rosters, on_rosters & came)
    )
    micro, blank = headcount < 20, rng.random(len(code)) * 10_000 < scene.rates["missing_value"]
    merchant, honoured = (rng.random(len(code)) * 10_000 < scene.rates[rate] for rate in ("merchants", "time_honoured"))
    return Employers(number, code, headcount, hires, micro, by_roster, joined, micro & merchant, honoured, blank)
