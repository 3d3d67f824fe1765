"""A small city with somebody whose certificate says the wrong level, and viewers of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest
from place_examples import FIRST_DAY, SYSTEM, load_small_city, person

from linli.kernel import clock
from linli.kernel.clock import SHANGHAI
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Grant, Viewer
from linli.registers.acts.records import record_change
from linli.registers.models import Resident

LIST, FACT = "disability-certificate", "disability_level"
FOUNDED = datetime(2026, 9, 1, 10, 0, tzinfo=SHANGHAI)
OPENED = datetime(2026, 9, 28, 10, 0, tzinfo=SHANGHAI)
DUE = date(2026, 10, 16)  # ten working days on, with the National Day holiday and a worked Saturday between


def staff(number: int, *grants: Grant) -> Viewer:
    return Viewer(f"staff:00000000-0000-7000-8000-{number:012d}", grants)


CITY = staff(1, Grant("officer"))
COUNTY = staff(2, Grant("officer", "140802"))
OTHER_COUNTY = staff(3, Grant("officer", "140882"))
COLLEAGUE = staff(4, Grant("officer", "140802"))
CLERK = staff(5, Grant("clerk", "140882"))
STEWARD = staff(6, Grant("steward", "140802002001B0001"))
ONE_PROGRAMME = staff(7, Grant("officer", "140802", "disabled-student-aid"))
GRID = staff(8, Grant("steward", "140802002001G001"))


@dataclass(frozen=True)
class Town:
    """who: on the list with level 1, registered in 盐湖区; other: somebody else there."""

    who: Resident
    other: Resident

    @property
    def self(self) -> Viewer:
        return resident(self.who)


def resident(who: Resident, level: str = "card", acts_for: tuple[str, ...] = ()) -> Viewer:
    return Viewer(f"resident:{who.uid}", subject=str(who.uid), level=level, acts_for=acts_for)


def build() -> Town:
    with on(FOUNDED):
        load_small_city()
        who, other = person("测试甲"), person("测试乙")
        data = {"disability_kind": "visual", "disability_level": 1}
        record_change(SYSTEM, subject=who, list_slug=LIST, valid_from=FIRST_DAY, data=data)
    return Town(who, other)


def refused(code: str) -> Any:
    """What is tried inside is refused for this reason."""
    return pytest.raises(LinliError, check=lambda error: error.code == code)


@contextmanager
def on(moment: datetime) -> Iterator[None]:
    """The clock stands at that moment."""
    with clock.frozen(moment):
        yield


def later(day: date, hour: int = 9) -> datetime:
    """An hour of a day in Shanghai."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)
