"""Charts as plain numbers for an SVG template: no script, no colour without a word beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH = 720
ROW = 34
LABEL = 150
VALUE = 110


@dataclass(frozen=True, slots=True)
class Bar:
    """One row, in SVG user units."""

    label: str
    y: int
    text_y: int
    first_width: float
    second_x: float
    second_width: float
    value_x: float
    value: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn chart: its rows and its height."""

    bars: tuple[Bar, ...]
    width: int
    height: int
    label_x: int
    bar_x: int


def bars(rows: Sequence[Mapping[str, Any]]) -> Chart:
    """Stacked horizontal bars, scaled to the longest row. rows: label, first, optional second (counts)."""
    longest = max((row["first"] + (row.get("second") or 0) for row in rows), default=0) or 1
    scale = (WIDTH - LABEL - VALUE) / longest
    drawn = []
    for index, row in enumerate(rows):
        first, second = row["first"], row.get("second") or 0
        end = LABEL + (first + second) * scale
        value = f"{first:,} + {second:,}" if second else f"{first:,}"
        drawn.append(
            Bar(
                str(row["label"]),
                index * ROW + 5,
                index * ROW + 22,
                round(first * scale, 1),
                round(LABEL + first * scale, 1),
                round(second * scale, 1),
                round(end + 8, 1),
                value,
            )
        )
    return Chart(tuple(drawn), WIDTH, max(1, len(rows)) * ROW, LABEL - 12, LABEL)
