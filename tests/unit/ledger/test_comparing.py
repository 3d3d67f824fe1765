"""Cost per unit: the source's 532 yuan a household stands out beside programmes that pay 2,000 to 3,000."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from linli.ledger.comparing import Spent, unit_costs

ELSEWHERE = [Spent("a", 200_000 * 1500, 1500), Spent("b", 250_000 * 800, 800), Spent("c", 300_000 * 2100, 2100)]


def test_the_two_funds_of_home_adaptation_are_far_below_comparable_programmes() -> None:
    home, *others = unit_costs([Spent("home-adaptation", 142_000_000, 2668), *ELSEWHERE])
    assert (home.fen_per_unit, home.others_fen, home.outlier) == (53_223, 250_000, True)
    assert not any(one.outlier for one in others)


def test_alone_or_without_units_nothing_is_said() -> None:
    (alone,) = unit_costs([Spent("a", 100, 2)])
    assert (alone.fen_per_unit, alone.others_fen, alone.outlier) == (50, None, False)
    nothing, other = unit_costs([Spent("none", 100, 0), Spent("a", 100, 2)])
    assert (nothing.fen_per_unit, nothing.others_fen, nothing.outlier) == (None, 50, False)
    assert other.others_fen is None


@given(st.lists(st.tuples(st.integers(0, 10**12), st.integers(1, 10**5)), min_size=2, max_size=6), st.integers(1, 1000))
def test_neither_order_nor_the_size_of_all_changes_who_stands_out(rows: list[tuple[int, int]], times: int) -> None:
    figures = [Spent(str(number), fen, units) for number, (fen, units) in enumerate(rows)]
    told = {one.programme: one.outlier for one in unit_costs(figures)}
    assert told == {one.programme: one.outlier for one in unit_costs(figures[::-1])}
    assert told == {
        one.programme: one.outlier for one in unit_costs([Spent(one.programme, one.fen * times, one.units * times) for one in figures])
    }
