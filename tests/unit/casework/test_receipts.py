"""Receipt numbers: every slip that people make when they copy or read out digits is found."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.casework.receipts import check_digit, grouped, new_receipt, parse_receipt
from linli.kernel.errors import LinliError

DIGITS = st.text("0123456789", min_size=12, max_size=12)


@given(DIGITS, st.integers(0, 12), st.sampled_from("123456789"))
def test_one_wrong_digit_is_found(digits: str, place: int, change: str):
    right = digits + check_digit(digits)
    wrong = right[:place] + str((int(right[place]) + int(change)) % 10) + right[place + 1 :]
    with pytest.raises(LinliError, match="receipt number"):
        parse_receipt(wrong)


@given(DIGITS, st.integers(0, 11))
def test_two_neighbours_that_changed_places_are_found(digits: str, place: int):
    right = digits + check_digit(digits)
    swapped = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
    if swapped == right:
        assert parse_receipt(swapped) == right
        return
    with pytest.raises(LinliError):
        parse_receipt(swapped)


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)))
def test_a_number_says_its_day_and_is_read_back_however_it_is_typed(day: date):
    receipt = new_receipt(day)
    assert receipt.startswith(f"{day:%y%m%d}")
    assert parse_receipt(grouped(receipt)) == receipt
    assert parse_receipt(f"{receipt[:6]}-{receipt[6:]}") == receipt


@pytest.mark.parametrize("text", ["", "123", "26112304815１7", "2611230481517 0", "abcdefghijklm"])
def test_what_is_no_number_is_refused(text: str):
    with pytest.raises(LinliError):
        parse_receipt(text)


def test_the_middle_can_not_be_told_from_the_number_before():
    day = date(2026, 11, 23)
    assert len({new_receipt(day)[6:12] for _ in range(200)}) > 190
