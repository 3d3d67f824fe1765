"""Nobody can work out a few people from what is published, from one publication or from the difference of two, whatever they try out."""

from __future__ import annotations

import random
from collections import defaultdict
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.insight import suppressing
from linli.insight.suppressing import bounds

UNIT = 5
AREAS = [f"1408{number:02}" for number in range(1, 15)]
Seen = tuple[tuple[int | None, ...], int | None]


def seen(counts: tuple[int, ...], shifts: tuple[int, ...], unit: int) -> Seen:
    """What is published of a line: its cells and total, with these shifts (the last one of what is left out together)."""
    places = {str(place): count for place, count in enumerate(counts)}
    said = suppressing.told(places, unit, lambda what, _unit: shifts[int(what)] if what.isdigit() else shifts[-1])
    return tuple(said.cells.values()), said.total


# With three cells of which two are shown or all are left out, every way in which numbers, totals and left out cells play together occurs.
@pytest.mark.parametrize(
    ("unit", "cells", "most"),
    [(3, 2, 7), (2, 3, 4), pytest.param(3, 3, 4, marks=pytest.mark.long), pytest.param(4, 2, 13, marks=pytest.mark.long)],
)
def test_every_number_and_every_difference_keeps_as_many_possible_values_as_the_unit(unit: int, cells: int, most: int) -> None:
    """A reader who tries every table and every shift, and knows that the shifts of two publications are the same."""
    possible: dict[tuple[Seen, Seen], list[set[int]]] = defaultdict(lambda: [set() for _ in range(cells + 1)])
    for shifts in product(range(unit), repeat=cells + 1):
        tables = [(table, seen(table, shifts, unit)) for table in product(range(most + 1), repeat=cells)]
        for (first, one), (second, two) in product(tables, repeat=2):
            for place, (before, after) in enumerate(zip((*first, sum(first)), (*second, sum(second)), strict=True)):
                possible[one, two][place].add(after - before)
    whole = [found for pair, found in possible.items() if all(_whole(number, unit, most) for told, _total in pair for number in told)]
    assert len(whole) > 1
    for found in whole:
        for differences in found:
            assert len(differences) >= unit
            assert not all(0 < abs(one) < unit for one in differences)


def _whole(number: int | None, unit: int, most: int) -> bool:
    """Whether every count that is told so was tried out."""
    return bounds(number, unit)[1] <= most


COUNTS = st.lists(st.one_of(st.integers(0, 12), st.integers(0, 3_000)), min_size=1, max_size=14)


@given(COUNTS, st.randoms(use_true_random=False))
def test_what_is_told_is_near_what_was_counted_and_adds_up(counts: list[int], chance: random.Random) -> None:
    shifts: dict[str, int] = {}
    cells = dict(zip(AREAS, counts, strict=False))
    said = suppressing.told(cells, UNIT, lambda what, unit: shifts.setdefault(what, chance.randrange(unit)))
    for area, count in cells.items():
        low, high = bounds(said.cells[area], UNIT)
        assert low <= count <= high
        assert (said.cells[area] is None) == (count < UNIT)
    rest = (said.total or 0) - sum(one or 0 for one in said.cells.values())
    hidden = [count for count in counts if count < UNIT]
    assert rest % UNIT == 0
    assert 0 <= rest <= max(0, sum(hidden) + UNIT - 1)


def test_whoever_subtracts_any_publication_from_any_other_sees_nobody_come_or_go() -> None:
    """Two years of months with few and many who come and go: cells, totals, and totals less what is told of any counties."""
    chance = random.Random(1408)
    shifts = {area: chance.randrange(UNIT) for area in AREAS}
    counts = {area: chance.choice((0, 1, 3, 5, 9, 40, 700)) for area in AREAS}
    kept = []
    for _month in range(24):
        counts = {area: max(0, count + chance.choice((-2, -1, 0, 0, 0, 1, 1, 2))) for area, count in counts.items()}
        kept.append((dict(counts), suppressing.told(counts, UNIT, lambda what, unit: shifts.setdefault(what, chance.randrange(unit)))))
    moved = 0
    for (before, one), (after, two) in combinations(kept, 2):
        gaps = [(two.cells[area] or 0) - (one.cells[area] or 0) for area in AREAS] + [(two.total or 0) - (one.total or 0)]
        assert all(gap % UNIT == 0 for gap in gaps)
        for area in AREAS:
            same = one.cells[area] == two.cells[area]
            low, high = (bounds(two.cells[area], UNIT)[end] - bounds(one.cells[area], UNIT)[1 - end] for end in (0, 1))
            assert high - low >= UNIT
            assert low <= after[area] - before[area] <= high
            assert before[area] != after[area] or same
            moved += before[area] != after[area] and same
    assert moved > 100
