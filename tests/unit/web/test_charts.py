"""A chart's bars stay within their room and in proportion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.web.frame.charts import bars

counts = st.integers(0, 10**9)


@given(st.lists(st.tuples(counts, counts), min_size=1, max_size=20))
def test_the_longest_bar_fills_its_room_and_the_others_are_in_proportion(rows: list[tuple[int, int]]):
    drawn = bars([{"label": str(place), "first": first, "second": second} for place, (first, second) in enumerate(rows)])
    longest = max(first + second for first, second in rows) or 1
    for bar, (first, second) in zip(drawn, rows, strict=True):
        assert bar.first == pytest.approx(100 * first / longest, abs=0.01)
        assert bar.first + bar.second == pytest.approx(100 * (first + second) / longest, abs=0.02)


def test_a_bar_says_its_numbers():
    first, second = bars([{"label": "盐湖区", "first": 1412, "second": 96}, {"label": "临猗县", "first": 303}])
    assert (first.value, second.value) == ("1,412 + 96", "303")
