"""Cost per unit beside comparable programmes: a figure far from the others' is shown with them, whatever its explanation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

FAR = Fraction(2)


@dataclass(frozen=True, slots=True)
class Spent:
    """What a programme cost and for how many units (households, persons, places)."""

    programme: str
    fen: int
    units: int


@dataclass(frozen=True, slots=True)
class UnitCost:
    """fen_per_unit, rounded half up, None without units. others_fen: the median of the others' and of those
    elsewhere, None without any.

    outlier: more than twice that median, or less than half of it. It may mean that a fund is missing from the figure.
    """

    programme: str
    fen_per_unit: int | None
    others_fen: int | None
    outlier: bool


def unit_costs(figures: Sequence[Spent], *, elsewhere: Mapping[str, Sequence[int]] | None = None, far: Fraction = FAR) -> list[UnitCost]:
    """Each programme's cost per unit beside the median of the others, in the order given. O(n² log n): a page compares a few.

    elsewhere: by programme, fen that a unit costs in other places; they stand beside that programme's as others do.
    """
    more = {name: [Fraction(fen) for fen in known] for name, known in (elsewhere or {}).items()}
    costs = [Fraction(one.fen, one.units) if one.units > 0 else None for one in figures]
    others = [[cost for cost in costs[:place] + costs[place + 1 :] if cost is not None] for place in range(len(costs))]
    return [_beside(one, costs[place], others[place] + more.get(one.programme, []), far) for place, one in enumerate(figures)]


def _beside(one: Spent, cost: Fraction | None, others: list[Fraction], far: Fraction) -> UnitCost:
    middle = median(others) if others else None
    outlier = cost is not None and middle is not None and not middle <= cost * far <= middle * far * far
    return UnitCost(one.programme, _fen(cost), _fen(middle), outlier)


def _fen(cost: Fraction | None) -> int | None:
    return None if cost is None else int(cost + Fraction(1, 2))
