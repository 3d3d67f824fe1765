"""Periods of payment: what a batch's period is called, by how often a programme pays, and from which day to which it goes."""

from __future__ import annotations

import re
from datetime import date, timedelta

from linli.kernel.errors import LinliError, Place
from linli.kernel.periods import in_words

ONCE = "once"
_YEAR = "((?:19|20|21)[0-9]{2})"
"""Of another century nothing is paid: a slip of the keyboard."""
_SHAPES = {
    "once": (ONCE, re.compile("once")),
    "month": ("2026-11", re.compile(_YEAR + "-(0[1-9]|1[0-2])")),
    "quarter": ("2026-Q4", re.compile(_YEAR + "-Q([1-4])")),
    "term": ("2026-1", re.compile(_YEAR + "-([12])")),
    "year": ("2026", re.compile(_YEAR)),
}


def like(cycle: str) -> str:
    """How a period of the cycle is written."""
    return _SHAPES[cycle][0]


def check(cycle: str, period: str) -> None:
    """Raise LinliError unless the period is one of the cycle's."""
    example, shape = _SHAPES[cycle]
    if not shape.fullmatch(period):
        raise LinliError(
            "batches.period",
            zh="发放期间的写法与政策的发放周期不符",
            en="This is no period of how often the programme pays.",
            place=Place(field="period"),
            expected=example,
            found=period[:20],
            remedy_zh=f"写成 {example} 的形式：{in_words(example)[0]}",
            remedy_en=f"write it like {example}: {in_words(example)[1]}",
        )


def days(cycle: str, period: str, today: date) -> tuple[date, date] | None:
    """First and last day of a period; once: from ever to today; None for a school term, whose days a school calendar has to say."""
    check(cycle, period)
    match = _SHAPES[cycle][1].fullmatch(period)
    if cycle == "term" or match is None:
        return None
    if cycle == "once":
        return date.min, today
    year = int(match[1])
    if cycle == "year":
        return date(year, 1, 1), date(year, 12, 31)
    first, months = (int(match[2]), 1) if cycle == "month" else (int(match[2]) * 3 - 2, 3)
    after = first + months
    following = date(year + (after > 12), after - 12 if after > 12 else after, 1)
    return date(year, first, 1), following - timedelta(days=1)


def current(cycle: str, today: date) -> str:
    """The period that the day lies in, as a suggestion; "" for a term."""
    return {
        "once": ONCE,
        "month": f"{today:%Y-%m}",
        "quarter": f"{today.year}-Q{(today.month + 2) // 3}",
        "year": f"{today.year}",
    }.get(cycle, "")
