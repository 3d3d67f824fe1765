"""Payment by the day: whatever the day is a stretch begins on, the days add up to the same."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from linli.programmes import catalogue, parse_programme
from linli.programmes.files import city_vocabulary
from linli.programmes.reckoning import DayAnswer, Stretch, figure_days, stretches, total

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
CITY = Path(__file__).resolve().parents[3] / "cities" / "yuncheng"
DAYS = [FIRST + timedelta(days=number) for number in range(31)]
ANSWERS = st.sampled_from([("eligible", 1000, ()), ("eligible", 700, ()), ("not_eligible", None, ())])


def transfer(day: date) -> DayAnswer:
    """Ten days at one school, then at another, away for the last five."""
    if day > date(2026, 3, 26):
        return ("not_eligible", None, ())
    return ("eligible", 1000 if day <= date(2026, 3, 10) else 700, ())


def test_a_transfer_counts_from_its_day_and_days_out_of_post_count_nothing():
    found = stretches(transfer, [date(2026, 3, 11), date(2026, 3, 27)], FIRST, LAST)
    assert [(one.days, one.fen, one.amount) for one in found] == [(10, 1000, 10_000), (16, 700, 11_200), (5, 0, 0)]
    assert total(found) == 21_200


def test_a_day_that_cannot_be_said_makes_no_amount():
    unknown = Stretch(FIRST, FIRST, "unknown", None, ("school_grade",))
    assert total([unknown, Stretch(FIRST + timedelta(days=1), LAST, "eligible", 1000)]) is None


@settings(max_examples=40, deadline=None)
@given(st.lists(ANSWERS, min_size=31, max_size=31), st.sets(st.sampled_from(DAYS)))
def test_asking_on_more_days_than_needed_changes_nothing(answers: list[DayAnswer], more: set[date]):
    def on(day: date) -> DayAnswer:
        return answers[(day - FIRST).days]

    needed = {day for day, before in zip(DAYS[1:], DAYS, strict=False) if on(day) != on(before)}
    found = stretches(on, needed, FIRST, LAST)
    assert found == stretches(on, needed | more, FIRST, LAST)
    assert sum(one.days for one in found) == 31
    assert total(found) == sum(fen or 0 for _, fen, _ in answers)
    assert total(stretches(on, needed, FIRST, LAST - timedelta(days=1))) == total(found) - (answers[-1][1] or 0)


def test_days_on_which_a_rate_changes_are_found():
    text = catalogue(CITY).newest("rural-teaching-allowance").text
    rates = "[{from: 2026-01-01, to: 2026-03-15, rows: {一类: 10 yuan}}, {from: 2026-03-20, rows: {一类: 12 yuan}}]"
    rule = parse_programme(text.replace("values: []", f"values: {rates}").encode(), city_vocabulary(CITY)).rule
    assert figure_days(rule) == {date(2026, 1, 1), date(2026, 3, 16), date(2026, 3, 20)}
