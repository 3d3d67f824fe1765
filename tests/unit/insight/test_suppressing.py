"""Nobody can work out a count that was left out, whatever else of its line they read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from linli.insight.suppressing import total_withheld, withheld

SMALLEST = 4
LINES = st.dictionaries(st.sampled_from("abcde"), st.integers(0, 9), max_size=5)


def consistent(cells: dict[str, int], missing: frozenset[str]) -> Iterator[tuple[int, ...]]:
    """Every way in which the missing cells can be filled so that all that is published holds, as a reader would try them out."""
    names = sorted(missing)
    total = sum(cells[name] for name in names)
    for values in product(range(1, total + 1), repeat=len(names)):
        if sum(values) == total and any(value < SMALLEST for value in values):
            yield values


@given(LINES)
@example(dict.fromkeys("abcd", 1))
@settings(max_examples=60, deadline=None)
def test_no_count_that_was_left_out_can_be_worked_out(cells: dict[str, int]):
    missing = withheld(cells, SMALLEST)
    assert {key for key, count in cells.items() if 0 < count < SMALLEST} <= missing
    assert all(cells[key] for key in missing)
    if total_withheld(cells, SMALLEST) or not missing:
        return
    ways = list(consistent(cells, missing))
    for place in range(len(missing)):
        assert len({way[place] for way in ways}) > 1


@given(LINES)
def test_what_has_no_small_count_is_published_whole(cells: dict[str, int]):
    large = {key: count for key, count in cells.items() if count == 0 or count >= SMALLEST}
    assert withheld(large, SMALLEST) == frozenset()


@pytest.mark.parametrize(
    ("cells", "missing"),
    [
        ({"a": 2, "b": 30, "c": 7}, "ac"),
        ({"a": 2, "b": 3, "c": 7}, "ab"),
        ({"a": 1, "b": 1, "c": 7, "d": 9}, "abc"),
        ({"a": 2, "b": 0, "c": 0}, "a"),
        ({"a": 4, "b": 0}, ""),
    ],
)
def test_the_next_smallest_goes_with_it(cells: dict[str, int], missing: str):
    assert withheld(cells, SMALLEST) == frozenset(missing)
