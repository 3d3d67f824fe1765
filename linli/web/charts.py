"""Charts as plain shares for a template: no script, no colour without a word beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


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
