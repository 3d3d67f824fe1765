"""Opening hours: read as people write them, and what they come to on breaks, holidays and weekends worked in exchange."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.kernel.clock import SHANGHAI
from linli.kernel.errors import LinliError
from linli.kernel.hours import dates_lines, hours_lines, read_hours, short_lines, spans_text, standing
from linli.kernel.workdays import Workdays, workdays

CALENDAR = workdays(Path(__file__).parents[3] / "cities" / "yuncheng")
OFFICE = read_hours("周一至周五 09:00-12:00 14:00-18:00；周六 9:00-12:00", "2026-11-24 休息\n2026-11-25 至 2026-11-26 10:00-11:00")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "until", "opens"),
    [
        ("2026-11-23 09:00", "2026-11-23 12:00", None),  # a Monday, at the minute of opening
        ("2026-11-23 08:59", None, "2026-11-23 09:00"),
        ("2026-11-23 12:00", None, "2026-11-23 14:00"),  # the break; the minute of closing is closed
        ("2026-11-23 18:00", None, "2026-11-25 10:00"),  # the 24th is closed by itself, the 25th has hours of its own
        ("2026-11-26 10:30", "2026-11-26 11:00", None),
        ("2026-11-28 11:59", "2026-11-28 12:00", None),  # a Saturday
        ("2026-09-30 18:00", None, "2026-10-08 09:00"),  # the National Day holiday, a Saturday in it included
        ("2026-10-10 15:00", "2026-10-10 18:00", None),  # a Saturday worked in exchange has the hours of a working day
        ("2026-02-14 19:00", None, "2026-02-24 09:00"),  # from a worked Saturday over the Spring Festival
    ],
)
def test_open_until_or_closed_until(moment: str, until: str | None, opens: str | None):
    found = standing(OFFICE, at(moment), CALENDAR)
    assert found.until == (at(until) if until else None)
    assert found.opens == (at(opens) if opens else None)
    assert found.open is (until is not None)
    assert found.sure


OFF = {"2026-09-25", "2026-09-26", "2026-09-27", *(f"2026-10-0{day}" for day in range(1, 8))}
WORKED = {"2026-09-20", "2026-10-10"}
"""Mid-Autumn and National Day of 2026 with the weekend days worked in exchange, written down from the notice by hand."""


def test_every_half_hour_round_two_holidays_is_as_the_notice_says():
    """Five weeks minute by minute in steps of thirty: open or not, until when, and never a moment of opening that is closed."""
    step, moment = timedelta(minutes=30), at("2026-09-14 00:00")
    while moment < at("2026-10-19 00:00"):
        day = str(moment.date())
        works = day in WORKED or (moment.weekday() < 5 and day not in OFF)
        clock = f"{moment:%H:%M}"
        ends = "12:00" if "09:00" <= clock < "12:00" else "18:00" if "14:00" <= clock < "18:00" else None
        if not works and (moment.weekday() != 5 or day in OFF or ends != "12:00"):
            ends = None
        found = standing(OFFICE, moment, CALENDAR)
        assert (moment, found.until) == (moment, at(f"{day} {ends}") if ends else None)
        if found.opens is not None:
            assert found.opens > moment
            assert standing(OFFICE, found.opens, CALENDAR).open
            assert not standing(OFFICE, found.opens - timedelta(minutes=1), CALENDAR).open
        moment += step


def test_what_hangs_on_a_notice_that_is_not_out_is_not_sure():
    assert not standing(OFFICE, at("2027-03-01 10:00"), CALENDAR).sure
    assert not standing(OFFICE, at("2026-12-31 18:00"), CALENDAR).sure  # the next opening lies in 2027
    nowhere = standing(OFFICE, at("2031-03-03 10:00"), Workdays({}, "calendar"))
    assert (nowhere.open, nowhere.sure) == (True, False)


def test_a_window_that_never_opens_says_so():
    found = standing(read_hours("周一至周日 休息"), at("2026-11-23 10:00"), CALENDAR)
    assert (found.open, found.opens) == (False, None)


MARKS = (0, 5, 9 * 60 + 5, 12 * 60, 14 * 60, 18 * 60 + 30, 23 * 60 + 55, 24 * 60)
DAYS = [tuple(zip(cut[::2], cut[1::2], strict=True)) for count in (0, 2, 4, 6) for cut in combinations(MARKS, count)]
"""Closed, or open once, twice or three times between these minutes of a day: 127 days, so that a day is one draw."""
NINE = st.lists(st.sampled_from(DAYS), min_size=1, max_size=3).flatmap(lambda kinds: st.tuples(*[st.sampled_from(kinds)] * 9))
"""Monday to Sunday, a holiday and a working weekend: of few kinds, since equal days are what is written together."""


@settings(max_examples=20)
@given(NINE, st.booleans())
def test_what_is_written_is_read_again(nine, chinese):
    *week, holiday, exchanged = nine
    names = ("周一", "周二", "周三", "周四", "周五", "周六", "周日", "节假日", "调休上班日")
    text = "\n".join(f"{name} {spans_text(spans) or '休息'}" for name, spans in zip(names, (*week, holiday, exchanged), strict=True))
    hours = read_hours(text, "2026-12-05 休息")
    assert (hours.week, hours.holiday, hours.exchanged) == (tuple(week), holiday, exchanged)
    assert read_hours("\n".join(hours_lines(hours, chinese=chinese)), "\n".join(dates_lines(hours, chinese=chinese))) == hours
    short = short_lines(hours, chinese=chinese)
    assert len(short) <= len(hours_lines(hours, chinese=chinese))
    assert read_hours("\n".join(short), "2026-12-05 休息") == hours


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("每天 08:00-20:00", ["每天 08:00-20:00"]),
        ("周一至周日 08:00-20:00", ["周一至周日 08:00-20:00"]),
        ("周一至周五 09:00-18:00\n节假日 09:00-12:00", ["周一至周五 09:00-18:00", "节假日 09:00-12:00"]),
        ("周一至周五 09:00-18:00\n调休上班日 休息", ["周一至周五 09:00-18:00", "调休上班日 休息"]),
    ],
)
def test_days_with_equal_hours_are_said_once(text: str, short: list[str]):
    assert short_lines(read_hours(text), chinese=True) == short


def test_english_and_full_width_are_read_alike():
    assert read_hours("Mon-Fri 09:00-12:00 14:00-18:00; Sat 09:00-12:00") == read_hours(
        "周一到周五：０９：００－１２：００、14:00～18:00\n星期六 9:00-12:00"
    )


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("", ""),
        ("工作日 09:00-12:00", ""),
        ("周一 09:00", ""),
        ("周一 12:00-09:00", ""),
        ("周一 09:00-25:00", ""),
        ("周一 09:00-12:00 11:00-13:00", ""),
        ("周五至周一 09:00-12:00", ""),
        ("周一至周五 09:00-12:00；周三 休息", ""),
        ("周一至周四 09:00-12:00；周五 09:00-11:00", ""),  # what then holds on a working weekend?
        ("节假日 休息", ""),
        ("周一至周五 09:00-12:00 中午不休", ""),
        ("周一至周五 09:00-12:00", "2026-02-30 休息"),
        ("周一至周五 09:00-12:00", "12月5日 休息"),
        ("周一至周五 09:00-12:00", "2026-12-05 休息；2026-12-05 09:00-10:00"),
        ("周一至周五 09:00-12:00", "2026-12-05 至 2026-12-01 休息"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_line(text: str, dates: str):
    with pytest.raises(LinliError) as caught:
        read_hours(text, dates)
    assert caught.value.code == "hours.malformed"
    assert caught.value.expected_zh


@pytest.mark.parametrize("text", ["每天 08:00-20:00", "每日 08:00-20:00", "Daily 08:00-20:00", "every day: 08:00-20:00"])
def test_every_day_is_open_on_public_holidays_too_and_monday_to_sunday_is_not(text: str):
    every, week = read_hours(text), read_hours("周一至周日 08:00-20:00")
    assert every.week == week.week
    assert (spans_text(every.holiday), spans_text(week.holiday)) == ("08:00-20:00", "")
    assert "节假日 08:00-20:00" in hours_lines(every, chinese=True)
    assert read_hours("\n".join(hours_lines(every, chinese=True))) == every


def test_public_holidays_may_differ_from_every_day_and_no_day_is_said_twice():
    assert read_hours("每天 08:00-20:00；节假日 休息").holiday == ()
    assert spans_text(read_hours("节假日 10:00-12:00；每天 08:00-20:00").holiday) == "10:00-12:00"
    with pytest.raises(LinliError):
        read_hours("每天 08:00-20:00；周日 休息")
