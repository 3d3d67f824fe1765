"""Working days: what the notices say, laws of counting, and refusals."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.errors import LinliError
from linli.kernel.workdays import end_of, workdays

CITY = Path(__file__).parents[3] / "cities" / "yuncheng"
CALENDAR = workdays(CITY)
DAYS = st.dates(date(2025, 1, 1), date(2026, 11, 15))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 1, 4), True),  # a Sunday worked for the New Year
        (date(2026, 2, 14), True),
        (date(2026, 2, 16), False),  # a Monday in the Spring Festival
        (date(2026, 2, 24), True),
        (date(2026, 10, 7), False),
        (date(2026, 10, 10), True),
        (date(2025, 10, 8), False),
        (date(2025, 9, 28), True),
        (date(2026, 11, 21), False),  # an ordinary Saturday
        (date(2026, 11, 23), True),
    ],
)
def test_the_notices_are_followed(day: date, works: bool):
    assert CALENDAR.is_workday(day) is works


def test_each_year_has_as_many_days_off_as_its_notice_gives():
    # 2025: 28 days in holidays, 5 weekend days worked; 2026: 33 and 6. (Notices of November 2024 and 2025.)
    for year, off, worked in ((2025, 28, 5), (2026, 33, 6)):
        assert (len(CALENDAR.years[year].off), len(CALENDAR.years[year].worked)) == (off, worked)


def test_a_year_before_its_notice_has_the_days_off_by_law_and_says_so():
    """Thirteen days, and one more for each of them on a weekend (State Council decree 795, arts. 2 and 6)."""
    year = CALENDAR.years[2027]
    by_law = [
        date(2027, *day)
        for day in ((1, 1), (2, 5), (2, 6), (2, 7), (2, 8), (4, 5), (5, 1), (5, 2), (6, 9), (9, 15), (10, 1), (10, 2), (10, 3))
    ]
    made_up = sum(day.weekday() > 4 for day in by_law)
    assert year.off >= set(by_law)
    assert len(year.off) == 13 + made_up
    assert all(day.weekday() < 5 for day in year.off - set(by_law))
    assert CALENDAR.is_provisional(date(2026, 12, 25), date(2027, 1, 5))
    assert not CALENDAR.is_provisional(date(2026, 1, 5), date(2026, 12, 31))


def test_a_deadline_jumps_over_the_spring_festival():
    assert CALENDAR.after(date(2026, 2, 13), 3) == date(2026, 2, 25)  # 14th (worked), 24th, 25th


@given(DAYS, st.integers(1, 30))
def test_a_deadline_is_a_working_day_and_that_many_of_them_lie_between(day: date, number: int):
    due = CALENDAR.after(day, number)
    assert CALENDAR.is_workday(due)
    assert CALENDAR.between(day, due) == number


@given(DAYS, DAYS, DAYS)
def test_counts_add_up_and_turn_their_sign(one: date, two: date, three: date):
    assert CALENDAR.between(one, two) + CALENDAR.between(two, three) == CALENDAR.between(one, three)
    assert CALENDAR.between(one, two) == -CALENDAR.between(two, one)


@given(DAYS, st.integers(0, 10))
def test_the_warning_leaves_that_many_working_days(day: date, number: int):
    due = CALENDAR.after(day, 20)
    assert CALENDAR.between(CALENDAR.before(due, number), due) == number


def test_a_year_without_its_notice_is_refused_and_says_which_file_is_missing():
    with pytest.raises(LinliError, match=r"2028\.yaml") as refused:
        CALENDAR.after(date(2027, 12, 31), 1)
    assert refused.value.code == "workdays.undeclared_year"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("year: 2026\nholidays: []\nworked: [2026-11-23]", "2026-11-23"),  # a Monday
        ("year: 2026\nholidays: [{from: 2026-01-03, to: 2026-01-01}]\nworked: []", "before"),
        ("year: 2026\nholidays: [{from: 2025-12-31, to: 2026-01-01}]\nworked: []", "2025-12-31"),
        ("year: 2026\nholidays: [{from: 2026-01-03, to: 2026-01-04}]\nworked: [2026-01-04]", "2026-01-04"),
        ("year: 2027\nholidays: []\nworked: []", "2026.yaml"),
        ("year: 2026\nprovisional: perhaps\nholidays: []\nworked: []", "perhaps"),
        ("year: 2026\nholidays: [{from: soon, to: 2026-01-01}]\nworked: []", "soon"),
        ("[", "Error"),
    ],
)
def test_a_malformed_file_is_named_with_what_is_wrong(tmp_path: Path, text: str, wrong: str):
    (tmp_path / "calendar").mkdir()
    (tmp_path / "calendar" / "2026.yaml").write_text(text)
    with pytest.raises(LinliError) as refused:
        workdays(tmp_path)
    assert wrong in str(refused.value)
    assert "2026.yaml" in str(refused.value)


def test_what_is_due_on_a_day_may_be_done_until_its_end_in_shanghai():
    assert end_of(date(2026, 11, 23)).isoformat() == "2026-11-23T23:59:59+08:00"


@given(DAYS, DAYS)
def test_a_count_is_what_one_finds_day_by_day(one: date, two: date):
    first, last = sorted((one, two))
    assert CALENDAR.between(first, last) == sum(
        CALENDAR.is_workday(date.fromordinal(day)) for day in range(first.toordinal() + 1, last.toordinal() + 1)
    )


def test_a_count_through_a_year_that_nobody_declared_is_refused():
    with pytest.raises(LinliError):
        CALENDAR.between(date(2026, 12, 1), date(2040, 1, 3))
