"""Makes a town: plan, ground, homes, places and circles, from one seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from linli.kernel import areas
from linli.kernel.errors import LinliError, Place
from linli.kernel.positions import Position
from linli.registers.categories import categories
from linli.registers.cityareas import CityAreas, read_city, read_positions
from linli.registers.generated.town.buses import BusLine, bus_lines, bus_villages
from linli.registers.generated.town.compounds import lay_out
from linli.registers.generated.town.ground import Ground
from linli.registers.generated.town.plan import Block, Community, draw_plan
from linli.registers.generated.town.rings import circles_file, rings_of
from linli.registers.generated.town.trade import FRONT_METRES, Row, rows_of

MOST = 72  # communities of a town: those of the first subdistricts
_URBAN = ("居委会", "社区", "居民委员会")


@dataclass(frozen=True, slots=True)
class Town:
    """Everything made up. places: rows of a list of places; circles: the content of a list of circles; blocks: where communities lie;
    buses: lines of a timetable; villages: those that lie along them, by code."""

    district: str
    seed: int
    as_of: date
    ground: Ground
    blocks: tuple[Block, ...]
    places: tuple[Row, ...]
    circles: Mapping[str, Any]
    buses: tuple[BusLine, ...]
    villages: Mapping[str, Position]

    def communities(self) -> dict[str, Position]:
        """The middle of each community."""
        return {block.community.code: self.ground.position(block.middle) for block in self.blocks if block.community}

    def centres(self) -> dict[str, Position]:
        """Where each subdistrict's service centre stands: on the street before its first community."""
        found: dict[str, Position] = {}
        for block in self.blocks:
            if block.community and block.community.town not in found:
                x, y = block.sides["S"].at(0.5)
                found[block.community.town] = self.ground.position((x, y + FRONT_METRES))
        return found

    def homes(self, codes: set[str]) -> dict[str, Position]:
        """Where the buildings of these codes stand, as far as they are in the town. More buildings than there is room for stand a few
        metres beside one another."""
        of = {block.community.code: block for block in self.blocks if block.community}
        found = {}
        for code in sorted(codes):
            block = of.get(code[:12])
            if block is not None and areas.level(code) == "building":
                turn, slot = divmod(int(code[13:]) - 1, len(block.slots))
                x, y = block.slots[slot]
                found[code] = self.ground.position((x + 2.0 * turn, y))
        return found


def make_town(city: Path, *, district: str = "", seed: int, as_of: date) -> Town:
    """The town of a city's district; district left out, the first that has a position. The same arguments give the same town.

    as_of: the day its places' dates are drawn round. Raises LinliError where the city has no positions, categories or communities.
    """
    table, seats, known = read_city(city / "areas"), read_positions(city / "areas" / "positions.csv"), categories(city)
    district = district or min((code for code in seats if areas.level(code) == "county"), default="")
    if district not in seats or not known:
        raise _nowhere(district, "positions.csv, places.yaml")
    people = _communities(table, district)
    if len(people) < 4:
        raise _nowhere(district, "社区 / communities")
    rng = np.random.default_rng([seed, int(district)])
    ground = Ground(seats[district])
    blocks = draw_plan(ground, people, rng)
    entrances = {number: lay_out(ground, block, rng) for number, block in enumerate(blocks)}
    places = rows_of(ground, blocks, entrances, known, rng, as_of)
    circles = circles_file(ground, rings_of(blocks), places, district, rng, as_of)
    lines = bus_lines(blocks)
    apart = bus_villages(table, district, lines, np.random.default_rng([seed, int(district), 2]))
    villages = {code: ground.position(point) for code, point in apart.items()}
    return Town(district, seed, as_of, ground, tuple(blocks), tuple(places), circles, tuple(lines), villages)


def _communities(table: CityAreas, district: str) -> list[Community]:
    """Communities, not villages, of the statutory subdistricts and towns in order of their codes."""
    found = []
    for code, one in sorted(table.divisions.items()):
        if one.level == "village" and code.startswith(district) and any(word in one.name for word in _URBAN):
            town = table.divisions.get(code[:9])
            if town is not None and town.kind == "statutory":
                found.append(Community(code, one.name, town.code, town.name))
    return found[:MOST]


def _nowhere(district: str, missing: str) -> LinliError:
    return LinliError(
        "generated.no_town",
        zh="生成不了演示城镇：缺少位置、场所类别或社区",
        en="No town can be made up: positions, categories of places or communities are missing.",
        place=Place(field=district or "district"),
        expected=missing,
        found="—",
        remedy_zh="补上 areas/positions.csv 和 places.yaml，或换一个县（区）",
        remedy_en="add areas/positions.csv and places.yaml, or choose another district",
    )
