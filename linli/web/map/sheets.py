"""The base map of the network in use: its squares as bytes, kept in each process, and what a page says of it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from linli.circles.models import NetworkVersion
from linli.circles.standing import Standing, standing
from linli.kernel.errors import LinliError
from linli.rules import Label
from linli.web.map.base import BaseMap, Square
from linli.web.templatetags.texts import chinese, words

KEPT = 1024


@dataclass(frozen=True, slots=True)
class Ground:
    """What a page needs of the base map. address: of its squares, with 0/0/0 where theirs go; bounds: west, south, east, north."""

    address: str
    bounds: str
    source: str
    since: datetime


def in_use() -> Ground | None:
    """The base map of the network in use; None where there is no network, or its file is gone. One query."""
    try:
        there = standing()
    except LinliError:  # whoever works with it is told by the page's own figures; a map alone is left out
        there = None
    if there is None:
        return None
    version = there.version
    address = reverse("map_ground", args=[_short(version.digest), 0, 0, 0])
    return Ground(address, " ".join(f"{one:.6f}" for one in _base(there).bounds), source_words(version), version.since)


def square(short: str, at: Square) -> bytes | None:
    """The GeoJSON of a square of the network in use; None for another network or for no square. One query."""
    there = standing()
    if there is None or short != _short(there.version.digest) or not at.known:
        return None
    squares: OrderedDict[Square, bytes] = there.keep("squares of the map", OrderedDict)
    made = squares.get(at) or _base(there).square(at)
    squares[at] = made
    while len(squares) > KEPT:
        squares.pop(next(iter(squares)), None)
    return made


def source_words(version: NetworkVersion) -> str:
    """Where the network comes from and on what terms: “© OpenStreetMap contributors, ODbL 1.0, 2026-11-01”."""
    return ("，" if chinese() else ", ").join(part for part in (words(Label.of(version.source)), version.licence, version.edition) if part)


def _base(there: Standing) -> BaseMap:
    """The links sorted by square, made once a process for each network."""
    made: BaseMap = there.keep("base of the map", lambda: BaseMap(there.grounds.graph))
    return made


def _short(digest: str) -> str:
    return digest.partition(":")[2][:16]
