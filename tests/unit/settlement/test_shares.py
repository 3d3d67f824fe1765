"""Which fund bears how much of a payment, and which gets how much of it back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.settlement.acts.recovering import _shares
from linli.settlement.acts.shared import borne
from linli.settlement.models import Payment

FEN = st.integers(0, 10**9)


@pytest.mark.parametrize(("fen", "parts"), [(0, [0, 0]), (50, [50, 0]), (75, [60, 15]), (100, [60, 40]), (120, [60, 40])])
def test_a_sum_is_borne_by_one_fund_after_the_other(fen: int, parts: list[int]) -> None:
    assert borne([60, 40], fen) == parts


@given(st.lists(FEN, max_size=5), FEN)
def test_what_is_borne_is_the_sum_as_far_as_there_are_shares(shares: list[int], fen: int) -> None:
    parts = borne(shares, fen)
    assert sum(parts) == min(fen, sum(shares))
    assert all(0 <= part <= share for part, share in zip(parts, shares, strict=True))


def test_a_fund_that_bore_only_what_is_kept_back_gets_nothing_of_the_main_part_back() -> None:
    """60 and 40 in all, of which 50 were paid out: the first fund paid them, the second stands behind what is kept."""
    payment = Payment(amount_fen=50, offset_fen=None, funds=["first", "second"], shares=[60, 40])
    assert dict(_shares(payment, 0, 50)) == {"first": 50}
    assert dict(_shares(payment, 20, 30)) == {"first": 30}
