"""Ages, calendar steps and money: exact, and checked against a slower definition."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel import clock
from linli.kernel.dates import add_years, age_on
from linli.kernel.errors import LinliError
from linli.kernel.money import fen_from_yuan, yuan_text

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@given(DAYS, DAYS)
def test_an_age_counts_the_birthdays_that_have_come(birth: date, as_of: date) -> None:
    if as_of >= birth:
        assert age_on(birth, as_of) == sum(add_years(birth, years) <= as_of for years in range(1, 202))
    else:
        assert age_on(birth, as_of) < 0


@pytest.mark.parametrize(
    ("birth", "as_of", "age"),
    [
        (date(2010, 9, 1), date(2026, 8, 31), 15),
        (date(2010, 9, 1), date(2026, 9, 1), 16),
        (date(2008, 2, 29), date(2026, 2, 27), 17),
        (date(2008, 2, 29), date(2026, 2, 28), 18),
        (date(2008, 2, 29), date(2028, 2, 28), 19),
        (date(2008, 2, 29), date(2028, 2, 29), 20),
    ],
)
def test_ages_around_birthdays(birth: date, as_of: date, age: int) -> None:
    assert age_on(birth, as_of) == age


@given(DAYS, st.integers(-50, 50))
def test_years_keep_month_and_day_but_for_the_leap_day(day: date, years: int) -> None:
    later = add_years(day, years)
    assert (later.year, later.month) == (day.year + years, day.month)
    assert later.day == day.day or (day.month, day.day, later.day) == (2, 29, 28)


@given(st.integers(-(10**16), 10**16))
def test_money_is_shown_and_read_without_loss(fen: int) -> None:
    assert fen_from_yuan(yuan_text(fen)) == fen
    assert fen_from_yuan(Decimal(fen) / 100) == fen


def test_wide_digits_are_digits() -> None:
    assert fen_from_yuan("１，２３４．５") == 123_450


@pytest.mark.parametrize("value", ["1.005", "", "one", "1e-3", "1e9", "٣", "9" * 20, "NaN", "Infinity", "-Infinity", Decimal("0.001")])
def test_what_is_no_amount_is_refused(value: str | Decimal) -> None:
    with pytest.raises(LinliError):
        fen_from_yuan(value)


def test_the_worked_example_of_the_source() -> None:
    assert yuan_text(2_790_900_000) == "27,909,000.00"
    assert yuan_text(-5) == "-0.05"


def test_the_day_is_shanghais_also_when_utc_is_a_day_behind() -> None:
    with clock.frozen(datetime(2026, 10, 31, 16, 0, tzinfo=UTC)):
        assert clock.today() == date(2026, 11, 1)
        assert clock.now() == datetime(2026, 10, 31, 16, 0, tzinfo=UTC)
    with pytest.raises(ValueError, match="aware"), clock.frozen(datetime(2026, 1, 1)):  # noqa: DTZ001 - refused on purpose
        pass
