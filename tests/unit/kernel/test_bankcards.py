"""A slip of the finger in a card's number is found; an account without a check digit isn't refused for the lack of one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.bankcards import check_digit, digits_of, wrong_with

BODIES = st.integers(13, 16).flatmap(lambda more: st.text("0123456789", min_size=more, max_size=more)).map(lambda rest: f"62{rest}")


@given(BODIES, st.data())
def test_every_wrong_digit_and_no_right_number_is_found(body: str, data: st.DataObject) -> None:
    number = body + check_digit(body)
    assert wrong_with(" ".join(number)) == ""
    place = data.draw(st.integers(2, len(number) - 1))
    other = data.draw(st.sampled_from([one for one in "0123456789" if one != number[place]]))
    assert wrong_with(number[:place] + other + number[place + 1 :]) == "check"


@pytest.mark.parametrize(
    ("number", "wrong"),
    [("1234567", "length"), ("1" * 33, "length"), ("", "digits"), ("62-1", "digits"), ("0151 2345 6789 01", ""), ("６２１７", "length")],
)
def test_other_accounts_are_looked_at_by_their_length(number: str, wrong: str) -> None:
    assert wrong_with(number) == wrong


def test_full_width_figures_are_figures() -> None:
    assert digits_of(" ６２17 0000 ") == "62170000"
