"""Where somebody means: a building, a community or a place of the register by its name as it is typed, or a position."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from linli.kernel.clock import today
from linli.kernel.errors import LinliError
from linli.kernel.positions import WGS84, Position, position
from linli.registers.queries.areas import tidy
from linli.registers.queries.places import Places
from linli.registers.queries.spots import SHORTEST, spot, spots
from linli.rules import Label
from linli.web.templatetags.texts import words

NAMED = 6  # places of the register among the candidates
_PLACE = "p:"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a text may mean. code: of an area, or p: and the uid of a place; what: the address of a place."""

    code: str
    name: Label
    level: str
    what: str = ""


def candidates(text: str, places: Places) -> list[Candidate]:
    """Areas by the register's names, then places by theirs. A handful of queries for the areas, none for the places."""
    areas = [Candidate(one.code, one.name, one.level) for one in spots(text, today())]
    wanted = tidy(text).casefold()
    if len(wanted) < SHORTEST:
        return areas
    named = [row for row, name in zip(places.rows, places.spelled, strict=True) if wanted in name or wanted in row.name_en.casefold()][
        :NAMED
    ]
    return areas + [Candidate(_PLACE + row.uid, Label(row.name_zh, row.name_en or row.name_zh), "place", row.address) for row in named]


def start_of(code: str, places: Places) -> tuple[Position, str] | None:
    """The position and the name of a candidate; None for a code that is none. Two queries for an area, none for a place."""
    if code.startswith(_PLACE):
        row = next((row for row in places.rows if row.uid == code[len(_PLACE) :]), None)
        return (Position(row.lon, row.lat), words(Label(row.name_zh, row.name_en or row.name_zh))) if row else None
    found = spot(code[:20], today())
    return (found.place, words(found.name)) if found else None


def position_of(given: Mapping[str, Any]) -> Position | None:
    """A tapped or shared position, as browsers say it (WGS-84); None where it is none in this country."""
    try:
        return position(float(given.get("lon", "")), float(given.get("lat", "")), WGS84)
    except (ValueError, LinliError):
        return None
