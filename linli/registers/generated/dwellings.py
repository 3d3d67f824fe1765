"""Where each household lives and is registered: village or community, building or village group, and the four situations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linli.registers.generated.households import Households
from linli.registers.generated.population import Bools, Ints, Population, Slice, stream

HOMES_PER_BUILDING = 40
FEW_HOMES, FEW_BUILDINGS = 3, 8  # a small population doesn't all live in one building: as few homes in each, up to so many buildings
HOMES_PER_GROUP = 50
BUILDINGS_PER_GRID = 8
Codes = npt.NDArray[np.str_]


@dataclass(slots=True)
class Dwellings:
    """lives, registered: area code per person. urban: whether that person's home is in a community. building: code per person.

    insured and studies are "" for those who are not; they are set by the lists.
    """

    lives: Codes
    registered: Codes
    insured: Codes
    studies: Codes
    urban: Bools
    building: Codes
    room: Ints

    def counties(self, kind: str) -> Codes:
        """First six digits of the area of that situation, per person."""
        return np.asarray(getattr(self, kind).astype("U6"))


def settle(population: Population, block: Slice, seed: int, households: Households) -> Dwellings:
    """Spread the block's households over its part of the county's villages; a few are registered or live elsewhere."""
    rng = stream(seed, block, "dwellings")
    home, room = _homes(block, len(households.head))
    village = block.county.villages[home]
    building = _buildings(village, block.county.urban[home], home, room)
    registered = _registered(rng, population, block, village[households.household[households.book_head]])
    lives = village.copy()
    away = np.flatnonzero(rng.random(len(lives)) < population.rates["lives_outside_city"] / 10_000)
    lives[away] = rng.choice(np.array(population.rates["outside_areas"]), len(away))
    building[away] = ""
    number, size = households.household, len(households.household)
    empty = np.full(size, "", dtype="U12")
    return Dwellings(
        lives[number], registered[households.book], empty, empty.copy(), block.county.urban[home][number], building[number], room[number]
    )


def _homes(block: Slice, households: int) -> tuple[Ints, Ints]:
    """Village of each household by its place along the county, and its running number in the village (1-based)."""
    place = block.start + (np.arange(households) + 0.5) / max(households, 1) * (block.end - block.start)
    home = np.minimum(np.searchsorted(block.county.weights, place, side="right"), len(block.county.villages) - 1)
    first = np.searchsorted(home, home)
    return home, np.arange(households) - first + 1


def _buildings(village: Codes, urban: Bools, home: Ints, room: Ints) -> Codes:
    """Building code (B0001) in a community, village group (Z01) in a village. A block that ends inside a village starts its count anew."""
    homes = np.bincount(home)[home]  # of the community
    many = np.maximum(-(-homes // HOMES_PER_BUILDING), np.clip(homes // FEW_HOMES, 1, FEW_BUILDINGS))
    house = np.char.add(village, np.char.add("B", np.char.zfill(((room - 1) * many // homes + 1).astype("U4"), 4)))
    group = np.char.add(village, np.char.add("Z", np.char.zfill(((room - 1) // HOMES_PER_GROUP % 99 + 1).astype("U2"), 2)))
    return np.where(urban, house, group)


def grid_of(building: Codes) -> Codes:
    """The grid (G001 …) of each building or group code: eight neighbouring ones form a grid."""
    number = np.array([int(code[13:]) for code in building.tolist()], dtype=np.int64)
    grid = np.char.zfill(((number - 1) // BUILDINGS_PER_GRID + 1).astype("U3"), 3)
    return np.char.add(building.astype("U12"), np.char.add("G", grid))


def _registered(rng: np.random.Generator, population: Population, block: Slice, lives: Codes) -> Codes:
    """Area of registration of each book, given where its head lives."""
    registered = lives.copy()
    draw = rng.random(len(lives)) * 10_000
    near = np.flatnonzero(draw < population.rates["lives_elsewhere_in_county"])
    registered[near] = rng.choice(block.county.villages, len(near))
    start = population.rates["lives_elsewhere_in_county"]
    far = np.flatnonzero((draw >= start) & (draw < start + population.rates["lives_in_another_county"]))
    others = np.concatenate(
        [county.villages for county in population.counties if county.code != block.county.code] or [block.county.villages]
    )
    registered[far] = rng.choice(others, len(far))
    return registered
