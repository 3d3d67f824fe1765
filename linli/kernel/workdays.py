"""Working days (工作日): weekdays without the public holidays, with the weekends that are worked in exchange (调休).

The State Council says each year which days these are. A year that nobody has declared is refused, never guessed; one that is declared
from the law before the notice is out says that it is provisional, and so does every day that is counted with it.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import yaml

from linli.kernel.clock import SHANGHAI
from linli.kernel.errors import LinliError, Place, malformed

_malformed = partial(
    malformed,
    "workdays.malformed",
    zh="工作日安排文件不正确",
    en="The file of working days is malformed.",
    like="cities/yuncheng/calendar",
)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Year:
    """Of one year the days off by notice, and the weekend days worked in exchange; provisional: by law alone, before the notice."""

    off: frozenset[date]
    worked: frozenset[date]
    provisional: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Workdays:
    """The declared years. `folder` is where a missing one belongs. Each reading of the files is one of its own: compared by identity."""

    years: Mapping[int, Year]
    folder: str

    def knows(self, day: date) -> bool:
        """Whether the day's year is declared."""
        return day.year in self.years

    def is_provisional(self, first: date, last: date) -> bool:
        """Whether counting from one day to the other goes through a year whose notice is not out yet."""
        years = (self.years.get(number) for number in range(first.year, last.year + 1))
        return any(year is not None and year.provisional for year in years)

    def is_workday(self, day: date) -> bool:
        """Whether offices work on that day; LinliError for a year that is not declared."""
        year = self.years.get(day.year)
        if year is None:
            raise self._undeclared(day.year)
        return day in year.worked or (day.weekday() < 5 and day not in year.off)

    def after(self, day: date, number: int) -> date:
        """The last of `number` working days that follow `day`. The day itself is not counted (Civil Code, art. 201)."""
        if number < 1:
            raise ValueError("a deadline is at least one working day away")
        found = day
        for _ in range(number):
            found = self._next(found)
        return found

    def before(self, day: date, number: int) -> date:
        """The working day from which `number` working days are left until `day`, `day` included."""
        found, left = day, number
        while left:
            left -= self.is_workday(found)
            found -= ONE_DAY
        return found

    def between(self, first: date, last: date) -> int:
        """How many working days follow `first` up to and with `last`; negative where `last` comes first."""
        if last < first:
            return -self.between(last, first)
        if last == first:
            return 0
        for year in range((first + ONE_DAY).year, last.year + 1):
            if year not in self.years:
                raise self._undeclared(year)
        days = _worked_days(self)
        return bisect_right(days, last) - bisect_right(days, first)

    def _next(self, day: date) -> date:
        found = day + ONE_DAY
        while not self.is_workday(found):
            found += ONE_DAY
        return found

    def _undeclared(self, year: int) -> LinliError:
        return LinliError(
            "workdays.undeclared_year",
            zh=f"还没有 {year} 年的工作日安排",
            en=f"The working days of {year} are not declared.",
            place=Place(file=f"{self.folder}/{year}.yaml"),
            expected=f"a file for {year}",
            expected_zh=f"{year} 年的文件",
            found=", ".join(map(str, sorted(self.years))) or "no year",
            found_zh="、".join(map(str, sorted(self.years))) or "一年也没有",
            remedy_zh="按国务院办公厅的节假日通知添加这一年的文件",
            remedy_en="add that year's file from the State Council's notice on public holidays",
        )


@lru_cache(maxsize=8)
def _worked_days(calendar: Workdays) -> list[date]:
    """Every working day of the declared years, in order: a list of hundreds of things is told how long each has."""
    days = (date(year, 1, 1) + ONE_DAY * number for year in sorted(calendar.years) for number in range(366))
    return [day for day in dict.fromkeys(days) if calendar.knows(day) and calendar.is_workday(day)]


def end_of(day: date) -> datetime:
    """The last second of a day in Asia/Shanghai: what is due on a day may be done until then."""
    return datetime.combine(day, time(23, 59, 59), SHANGHAI)


def workdays(city: Path) -> Workdays:
    """The calendar of a city folder; read again when a file changes. Some 20 µs. Raises LinliError for a malformed file."""
    folder = str(city / "calendar")
    try:
        with os.scandir(folder) as entries:
            files = tuple(sorted((one.path, one.stat().st_mtime_ns) for one in entries if one.name.endswith(".yaml")))
    except FileNotFoundError:
        files = ()
    return _read(folder, files)


@lru_cache(maxsize=8)
def _read(folder: str, files: tuple[tuple[str, int], ...]) -> Workdays:
    return Workdays(dict(_year(Path(name)) for name, _ in files), folder)


def _year(path: Path) -> tuple[int, Year]:
    try:
        declared: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        number = int(declared["year"])
        off = [day for holiday in declared["holidays"] for day in _days(holiday["from"], holiday["to"])]
        worked = [_day(day) for day in declared["worked"]]
        provisional = _yes(declared.get("provisional", False))
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise _malformed(path, "year, holidays with from and to, worked", f"{type(error).__name__}: {error}".splitlines()[0]) from None
    for day in (*off, *worked):
        if day.year != number:
            raise _malformed(path, f"days of {number}", str(day))
    twice = {day for day in (*off, *worked) if (*off, *worked).count(day) > 1}
    if twice or path.stem != str(number):
        raise _malformed(path, f"each day once, in {number}.yaml", ", ".join(map(str, sorted(twice))) or path.name)
    weekdays = [day for day in worked if day.weekday() < 5]
    if weekdays:
        raise _malformed(path, "worked: Saturdays and Sundays only", str(weekdays[0]))
    return number, Year(frozenset(off), frozenset(worked), provisional)


def _yes(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value


def _days(first: Any, last: Any) -> list[date]:
    start, end = _day(first), _day(last)
    if end < start:
        raise ValueError(f"{end} before {start}")
    return [start + ONE_DAY * step for step in range((end - start).days + 1)]


def _day(value: Any) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise TypeError(f"{value!r} is no day")
    return value
