"""Small counts are left out before anything is published, and every other number is told coarsely, so that neither one publication nor
the difference of any two says of a few people that they are there, came or went.

The method is rounding to a base (Willenborg and de Waal, Elements of Statistical Disclosure Control, 2001, chapter 9) with a shift of its
own for each cell that only the installation knows, and a total made of what is told: every number, and so every sum and difference of any
of them on whatever days, is a multiple of one unit. What didn't change is told the same again, so that reading it often brings nothing
nearer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Shift = Callable[[str, int], int]
"""(what is rounded; unit): from 0 to unit - 1, always the same of one thing, known to nobody outside."""


@dataclass(frozen=True, slots=True)
class Told:
    """A line as it is published: cells, and their total. None: left out, small or none; every other number is a multiple of the unit."""

    cells: dict[str, int | None]
    total: int | None


def told(cells: Mapping[str, int], unit: int, shift: Shift) -> Told:
    """What is published of a line of counts or amounts. Below the unit nothing is, and none is told apart from few.

    The total is the sum of the cells told, with those left out as one number of their own, told as coarsely, and no greater than leaves
    each of them every value below the unit.
    """
    shown = {key: _coarse(count, unit, shift(key, unit)) for key, count in cells.items()}
    hidden = sorted(key for key, one in shown.items() if one is None)
    rest = _rest(sum(cells[key] for key in hidden), len(hidden), unit, shift("+".join(hidden), unit))
    total = sum(one for one in shown.values() if one) + rest
    return Told(shown, total or None)


def _coarse(count: int, unit: int, shifted: int) -> int | None:
    return (count + shifted) // unit * unit if count >= unit else None


def _rest(count: int, cells: int, unit: int, shifted: int) -> int:
    """What is told of so many cells together that each lie below the unit; 0: nothing.

    Told as m it is m - unit + 1 at least: the others of the cells have to be able to hold all of that.
    """
    if (cells - 1) * (unit - 1) < unit:
        return 0
    most = cells * (unit - 1) // unit * unit
    return min(_coarse(count, unit, shifted) or 0, most)


def bounds(number: int | None, unit: int) -> tuple[int, int]:
    """The least and the most that was counted of a cell, for a reader who doesn't know its shift."""
    return (0, unit - 1) if number is None else (max(unit, number - unit + 1), number + unit - 1)
