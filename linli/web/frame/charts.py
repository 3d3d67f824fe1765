"""Charts as plain shares for a template: no script, no colour without a word beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from linli.web.frame import city
from linli.web.templatetags.texts import words


@dataclass(frozen=True, slots=True)
class Bar:
    """One row. first and second: their parts in hundredths of the room that a bar has."""

    label: str
    first: float
    second: float
    value: str


def bars(rows: Sequence[Mapping[str, Any]]) -> list[Bar]:
    """Stacked horizontal bars, the longest row over the whole width. rows: label, first, optional second (counts)."""
    longest = max((row["first"] + (row.get("second") or 0) for row in rows), default=0) or 1
    return [_bar(str(row["label"]), row["first"], row.get("second") or 0, 100 / longest) for row in rows]


def _bar(label: str, first: int, second: int, scale: float) -> Bar:
    value = f"{first:,} + {second:,}" if second else f"{first:,}"
    return Bar(label, round(first * scale, 2), round(second * scale, 2), value)


STEPS = 4
"""Shades of a schematic map above "nobody"."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One county of the schematic: its place, counted from the top left, and its shade, 0 (nobody) to STEPS."""

    name: str
    x: int
    y: int
    step: int
    value: int
    address: str


def tiles(rows: Sequence[tuple[str, int, str]]) -> list[Tile]:
    """(county, count, address of its rows) as tiles where the city's areas/tiles.yaml puts them; a county without a place has no tile."""
    if not (Path(settings.LINLI_CITY) / "areas" / "tiles.yaml").exists():
        return []
    places = city.load(settings.LINLI_CITY, "areas/tiles.yaml")["tiles"]
    at = {code: (x, y) for y, line in enumerate(places) for x, code in enumerate(line) if code}
    names, most = dict(city.counties()), max((value for _code, value, _address in rows), default=0) or 1
    placed = [row for row in rows if row[0] in at and row[0] in names]
    return [Tile(words(names[code]), *at[code], -(-STEPS * value // most), value, address) for code, value, address in placed]
