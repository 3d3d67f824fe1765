"""Opening hours: a week with breaks, what holds on public holidays and on weekends worked in exchange (调休), and single days that differ.

Written and read as people write them, a line a day or a run of days: “周一至周五 09:00-12:00 14:00-18:00”, “周六 09:00-12:00”,
“节假日 休息”, “调休上班日 09:00-12:00”; “每天” is every day of the week and public holidays too. For single days “2026-12-05 休息” or
“2026-12-01 至 2026-12-03 09:00-12:00”. English: Mon-Fri, Sat, daily, holidays closed, working weekends.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise

from linli.kernel.clock import SHANGHAI
from linli.kernel.errors import LinliError, Place
from linli.kernel.workdays import ONE_DAY, Workdays

Spans = tuple[tuple[int, int], ...]
"""Minutes of the day [from, to), in order and apart."""
HOLIDAY, EXCHANGED, DAILY = "holiday", "exchanged", "daily"
AHEAD_DAYS = 30  # how far the next opening is looked for: longer than any holiday
LONGEST_RUN = 366
_WEEK = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_WEEK_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAYS = {name: number for number, name in enumerate(_WEEK)} | {name.lower(): number for number, name in enumerate(_WEEK_EN)}
_DAYS |= {f"星期{name[1]}": number for number, name in enumerate(_WEEK)} | {"周天": 6, "星期天": 6}
_NAMED = {
    HOLIDAY: ("节假日", "法定节假日", "holidays", "public holidays"),
    EXCHANGED: ("调休上班日", "调休", "working weekends"),
    DAILY: ("每天", "每日", "daily", "every day"),
}
_CLOSED = ("休息", "关闭", "不营业", "closed")
_SPAN = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*[-~–—至到]\s*([0-9]{1,2}):([0-9]{2})")
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DATED = re.compile(rf"({_DAY})(?:\s*(?:[-~–—至到]|to)\s*({_DAY}))?")


@dataclass(frozen=True, slots=True)
class Hours:
    """week: Monday first. holiday: on public holidays; exchanged: on weekends worked in exchange; dates: days with hours of their own."""

    week: tuple[Spans, ...] = ((),) * 7
    holiday: Spans = ()
    exchanged: Spans = ()
    dates: Mapping[date, Spans] = field(default_factory=dict)

    def on(self, day: date, calendar: Workdays) -> Spans:
        """When it is open on that day. Where the day's year is not declared, as in any week."""
        if day in self.dates:
            return self.dates[day]
        year = calendar.years.get(day.year)
        if year is not None and day in year.off:
            return self.holiday
        return self.exchanged if year is not None and day in year.worked else self.week[day.weekday()]

    def sure(self, day: date, calendar: Workdays) -> bool:
        """Whether no notice on public holidays that is still to come can change that day's hours."""
        return day in self.dates or (calendar.knows(day) and not calendar.is_provisional(day, day))


@dataclass(frozen=True, slots=True)
class Standing:
    """At a moment: open until, or closed and open next from, both in Asia/Shanghai; None, None: not within AHEAD_DAYS.

    sure: False where a notice on public holidays that is not out yet may change the day.
    """

    until: datetime | None
    opens: datetime | None
    sure: bool = True

    @property
    def open(self) -> bool:
        """Whether it is open at that moment."""
        return self.until is not None


def standing(hours: Hours, at: datetime, calendar: Workdays) -> Standing:
    """Whether it is open at a moment, until when, and else when it opens next. At the minute of closing it is closed."""
    local = at.astimezone(SHANGHAI)
    day, minute = local.date(), local.hour * 60 + local.minute
    for start, end in hours.on(day, calendar):
        if start <= minute < end:
            return Standing(_moment(day, end), None, hours.sure(day, calendar))
    for ahead in range(AHEAD_DAYS + 1):
        later = day + ONE_DAY * ahead
        found = next((start for start, _ in hours.on(later, calendar) if ahead or start > minute), None)
        if found is not None:
            return Standing(None, _moment(later, found), hours.sure(later, calendar))
    return Standing(None, None)


def _moment(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(), SHANGHAI) + timedelta(minutes=minute)


@lru_cache(maxsize=1024)
def read_hours(text: str, dates: str = "") -> Hours:
    """Hours and single days as people write them; lines are told apart by line breaks or semicolons.

    A weekend that is worked in exchange is a working day: without a line of its own it has the hours of Monday to Friday, and where these
    differ from day to day it must be said. Raises LinliError with the line. What is not named is closed: “周一至周日” is closed on public
    holidays, “每天” is open on them unless they have a line of their own.
    """
    week: dict[int, Spans] = {}
    named: dict[str, Spans] = {}
    for line in _lines(text):
        who, spans = _line(line)
        for key in who:
            known: dict[int, Spans] | dict[str, Spans] = named if isinstance(key, str) else week
            if key in known:
                raise _wrong(line, ("每一天只写一次", "each day once"))
            known[key] = spans  # type: ignore[index]
    if not week:
        raise _wrong(
            text, ("每周的办公时间，如：周一至周五 09:00-12:00 14:00-18:00", "the week's hours, such as: Mon-Fri 09:00-12:00 14:00-18:00")
        )
    usual = {week.get(number, ()) for number in range(5)}
    if EXCHANGED not in named and len(usual) > 1:
        raise _wrong(text, ("调休上班日的时间：周一至周五各天不同", "hours of working weekends: Monday to Friday differ from day to day"))
    whole = tuple(week.get(number, ()) for number in range(7))
    return Hours(whole, named.get(HOLIDAY, named.get(DAILY, ())), named.get(EXCHANGED, whole[0]), _dates(dates))


def hours_lines(hours: Hours, *, chinese: bool) -> list[str]:
    """The hours a line each, in words that read_hours reads again; the days of the week first."""
    closed = _CLOSED[0] if chinese else _CLOSED[-1]
    lines = [f"{_run(first, last, chinese)} {spans_text(hours.week[first]) or closed}" for first, last in _runs(hours.week)]
    for key, spans in ((HOLIDAY, hours.holiday), (EXCHANGED, hours.exchanged)):
        lines.append(f"{_NAMED[key][0] if chinese else _NAMED[key][2]} {spans_text(spans) or closed}")
    return [line[:1].upper() + line[1:] for line in lines]


def short_lines(hours: Hours, *, chinese: bool) -> list[str]:
    """The same in as few lines as say it, which read_hours reads as the same hours: “每天 08:00-20:00” where no day differs, nothing of
    days that are closed or of working weekends that are like Monday to Friday."""
    if len({*hours.week, hours.holiday, hours.exchanged}) == 1:
        return [f"{_NAMED[DAILY][0] if chinese else 'Daily'} {spans_text(hours.holiday) or _CLOSED[0 if chinese else -1]}"]
    *days, exchanged = hours_lines(hours, chinese=chinese)
    told = [line for line in days if _SPAN.search(line)] if any(hours.week) else days
    return told if {*hours.week[:5]} == {hours.exchanged} else [*told, exchanged]


def dates_lines(hours: Hours, *, chinese: bool, since: date | None = None) -> list[str]:
    """The single days that differ, from a day on, a line each."""
    closed = _CLOSED[0] if chinese else _CLOSED[-1]
    return [f"{day} {spans_text(spans) or closed}" for day, spans in sorted(hours.dates.items()) if since is None or day >= since]


def spans_text(spans: Spans) -> str:
    """“09:00-12:00 14:00-18:00”, "" for a day without."""
    return " ".join(f"{start // 60:02d}:{start % 60:02d}-{end // 60:02d}:{end % 60:02d}" for start, end in spans)


def _lines(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text)
    return [line.strip() for line in re.split(r"[\n;]", plain) if line.strip()]


def _line(line: str) -> tuple[list[int | str], Spans]:
    first = _SPAN.search(line)
    cut = first.start() if first else next((line.lower().rfind(word) for word in _CLOSED if line.lower().endswith(word)), -1)
    if cut < 1:
        raise _wrong(
            line, ("日子和时间，如：周六 09:00-12:00；不办公的写“休息”", "a day and its hours, such as: Sat 09:00-12:00; or “closed”")
        )
    return list(_who(line[:cut].strip(" :,、").lower(), line)), _spans(line[cut:], line)


def _who(text: str, line: str) -> Iterator[int | str]:
    for key, names in _NAMED.items():
        if text in names:
            yield key
            if key == DAILY:
                yield from range(7)
            return
    for part in re.split(r"[、,]\s*", text):
        ends = re.split(r"\s*[-~–—至到]\s*", part)
        numbers = [_DAYS.get(end) for end in ends]
        if None in numbers or len(ends) > 2 or numbers[0] > numbers[-1]:  # type: ignore[operator]
            raise _wrong(line, ("每天、周一至周日、节假日或调休上班日", "daily, Mon to Sun, holidays or working weekends"))
        yield from range(numbers[0], numbers[-1] + 1)  # type: ignore[arg-type, operator]


def _spans(text: str, line: str) -> Spans:
    if text.strip().lower() in _CLOSED:
        return ()
    found = [tuple(map(int, match.groups())) for match in _SPAN.finditer(text)]
    spans = tuple((hour * 60 + minute, last * 60 + second) for hour, minute, last, second in found)
    left = _SPAN.sub("", text).strip(" ,、")
    right = all(start < end <= 24 * 60 for start, end in spans) and all(minute < 60 and second < 60 for _, minute, _, second in found)
    apart = all(before[1] < after[0] for before, after in pairwise(spans))
    if left or not spans or not right or not apart:
        raise _wrong(
            line, ("先后排列、互不重叠的时间，如 09:00-12:00 14:00-18:00", "hours in order and apart, such as 09:00-12:00 14:00-18:00")
        )
    return spans


def _dates(text: str) -> dict[date, Spans]:
    found: dict[date, Spans] = {}
    for line in _lines(text):
        match = _DATED.match(line)
        if match is None:
            raise _wrong(line, ("日期和时间，如：2026-12-05 休息", "a date and its hours, such as: 2026-12-05 closed"))
        spans = _spans(line[match.end() :], line)
        for day in _days(match.group(1), match.group(2) or match.group(1), line):
            if day in found:
                raise _wrong(line, ("每个日期只写一次", "each date once"))
            found[day] = spans
    return found


def _days(first: str, last: str, line: str) -> Iterable[date]:
    try:
        start, end = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise _wrong(line, ("真实的日期", "a real date")) from None
    if not 0 <= (end - start).days < LONGEST_RUN:
        raise _wrong(line, ("先写开始日期，最长一年", "the first day first, a year at most"))
    return [start + ONE_DAY * step for step in range((end - start).days + 1)]


def _runs(week: tuple[Spans, ...]) -> Iterator[tuple[int, int]]:
    first = 0
    for number in range(1, 8):
        if number == 7 or week[number] != week[first]:
            yield first, number - 1
            first = number


def _run(first: int, last: int, chinese: bool) -> str:
    names = _WEEK if chinese else _WEEK_EN
    return names[first] if first == last else f"{names[first]}{'至' if chinese else '-'}{names[last]}"


def _wrong(line: str, expected: tuple[str, str]) -> LinliError:
    return LinliError(
        "hours.malformed",
        zh="办公时间看不懂",
        en="The hours are not understood.",
        place=Place(field="hours"),
        expected=expected,
        found=line[:80] or "—",
        remedy_zh="照样子改写",
        remedy_en="write it like the example",
    )
