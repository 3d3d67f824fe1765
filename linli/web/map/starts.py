"""Where somebody means: a building, a community, a place, a street or a gate by its name as it is typed or sounds, or a position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

from linli.circles.standing import Standing
from linli.kernel.clock import today
from linli.kernel.errors import LinliError
from linli.kernel.positions import WGS84, Position, position
from linli.programmes.naming import area_name
from linli.reach.graph import Graph
from linli.registers.placenames import sound
from linli.registers.queries.areas import tidy
from linli.registers.queries.places import PlaceRow, Places
from linli.registers.queries.spots import SHORTEST, sounding, spot, spots
from linli.rules import Label
from linli.web.templatetags.texts import words

NAMED = 6  # places of the register among the candidates
_PLACE, _NETWORK = "p:", "n:"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a text may mean. code: of an area, p: and the uid of a place, or n: and a name of the network; what: where a place is; sure: it
    is written so, and doesn't only sound like it."""

    code: str
    name: Label
    level: str
    what: str = ""
    sure: bool = True


def candidates(text: str, places: Places, there: Standing | None = None) -> list[Candidate]:
    """Areas by the register's names, then places by theirs, then streets and gates of the network; where nothing is written so, what sounds
    like it. A handful of queries for the areas, none for the others."""
    areas = [Candidate(one.code, one.name, one.level) for one in spots(text, today())]
    wanted = tidy(text).casefold()
    if len(wanted) < SHORTEST:
        return areas
    named = [row for row, name in zip(places.rows, places.spelled, strict=True) if wanted in name or wanted in row.name_en.casefold()]
    ground = _ground(there) if there else {}
    drawn = [name for name in ground if wanted in tidy(name).casefold()]
    if found := areas + _of_register(named) + _of_network(drawn):
        return found
    heard = sound(wanted)
    areas = [Candidate(one.code, one.name, one.level, sure=False) for one in sounding(text, today())]
    named = [row for row, name in zip(places.rows, places.sounded, strict=True) if heard in name]
    drawn = [name for name in ground if heard in sound(tidy(name).casefold())]
    return areas + _of_register(named, sure=False) + _of_network(drawn, sure=False)


def only(found: Sequence[Candidate]) -> Candidate | None:
    """The one that is meant beyond doubt."""
    return found[0] if len(found) == 1 and found[0].sure else None


def crowded(found: Sequence[Candidate]) -> bool:
    """Whether there may be more of a name than are asked back."""
    return any(sum(one.level == level for one in found) >= NAMED for level in ("place", "network"))


def _of_register(rows: Sequence[PlaceRow], *, sure: bool = True) -> list[Candidate]:
    """Shops of one name are told apart by where they are."""
    return [
        Candidate(_PLACE + row.uid, Label(row.name_zh, row.name_en or row.name_zh), "place", where_words(row), sure) for row in rows[:NAMED]
    ]


def where_words(row: PlaceRow) -> str:
    """The community and the address of a place, by which shops of one name are told apart. No query."""
    area = area_name(Path(settings.LINLI_CITY), row.area_code)
    return " ".join(part for part in (words(area) if area else "", row.address) if part)


def _of_network(names: Sequence[str], *, sure: bool = True) -> list[Candidate]:
    return [Candidate(_NETWORK + name, Label(name, name), "network", sure=sure) for name in sorted(names, key=len)[:NAMED]]


def _ground(there: Standing) -> dict[str, Position]:
    """Streets by the corner nearest to their middle, and gates: what the map itself names. Once a network."""
    made: dict[str, Position] = there.keep("named on the map", lambda: _named_on(there.grounds.graph))
    return made


def _named_on(graph: Graph) -> dict[str, Position]:
    found: dict[str, Position] = {}
    order = np.argsort(graph.way, kind="stable")
    ways = graph.way[order]
    nodes: dict[str, list[np.ndarray]] = {}
    for way, name in graph.names.items():
        first, past = np.searchsorted(ways, [way, way + 1])
        if name and past > first:
            nodes.setdefault(name, []).append(graph.u[order[first:past]])
    for name, parts in nodes.items():
        own = np.concatenate(parts)
        lon, lat = graph.lon[own], graph.lat[own]
        middle = int(np.argmin((lon - lon.mean()) ** 2 + (lat - lat.mean()) ** 2))
        found[name] = Position(float(lon[middle]), float(lat[middle]))
    return found | {one.name: Position(float(graph.lon[one.node]), float(graph.lat[one.node])) for one in graph.gates if one.name}


def start_of(code: str, places: Places, there: Standing | None = None) -> tuple[Position, str] | None:
    """The position and the name of a candidate; None for a code that is none. Two queries for an area, none for the others."""
    if code.startswith(_PLACE):
        row = next((row for row in places.rows if row.uid == code[len(_PLACE) :]), None)
        return (Position(row.lon, row.lat), words(Label(row.name_zh, row.name_en or row.name_zh))) if row else None
    if code.startswith(_NETWORK):
        name = code[len(_NETWORK) :]
        at = _ground(there).get(name) if there else None
        return (at, name) if at else None
    found = spot(code[:20], today())
    return (found.place, words(found.name)) if found else None


def position_of(given: Mapping[str, Any]) -> Position | None:
    """A tapped or shared position, as browsers say it (WGS-84); None where it is none in this country."""
    try:
        return position(float(given.get("lon", "")), float(given.get("lat", "")), WGS84)
    except (ValueError, LinliError):
        return None
