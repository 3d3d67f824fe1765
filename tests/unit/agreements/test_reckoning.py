"""What an award comes to by the day."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from linli.agreements.models import Award, Rest
from linli.agreements.reckoning import amount_for, days_due

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
DAYS = st.dates(date(2026, 10, 1), date(2026, 12, 31))


def award(begins: date = date(2026, 1, 1), ends: date | None = None, fen: int | None = 30000) -> Award:
    return Award(begins_on=begins, ends_on=ends, amount_fen=fen)


def test_a_whole_month_is_paid_whole():
    assert amount_for(award(), [], FIRST, LAST, prorate="day") == 30000
    assert amount_for(award(), [], FIRST, LAST, prorate="none") == 30000


def test_days_before_the_beginning_after_the_end_and_at_rest_do_not_count():
    row, rest = award(date(2026, 11, 11), date(2026, 11, 20)), Rest(from_day=date(2026, 11, 12), until_day=date(2026, 11, 13))
    assert days_due(row, [rest], FIRST, LAST) == 8
    assert amount_for(row, [rest], FIRST, LAST, prorate="day") == 8000
    assert amount_for(row, [rest], FIRST, LAST, prorate="none") == 30000


def test_nothing_is_owed_for_a_period_that_it_rested_through():
    assert amount_for(award(), [Rest(from_day=FIRST, until_day=None)], FIRST, LAST, prorate="none") == 0
    assert amount_for(award(fen=None), [], FIRST, LAST, prorate="none") == 0


@given(begins=DAYS, length=st.integers(0, 60), rests=st.lists(st.tuples(DAYS, st.integers(0, 20)), max_size=3), cut=st.integers(1, 29))
def test_the_parts_of_a_month_have_the_days_of_the_month(begins: date, length: int, rests: list[tuple[date, int]], cut: int):
    row = award(begins, begins + timedelta(days=length))
    resting = [Rest(from_day=day, until_day=day + timedelta(days=long)) for day, long in rests]
    middle = FIRST + timedelta(days=cut - 1)
    whole = days_due(row, resting, FIRST, LAST)
    assert whole == days_due(row, resting, FIRST, middle) + days_due(row, resting, middle + timedelta(days=1), LAST)
    assert 0 <= whole <= 30
