"""Ages on a stated date, and calendar steps."""

from __future__ import annotations

import calendar
import re
from datetime import date


def day_from_text(text: str) -> date:
    """A day written as 2026-09-01 and in no other way; raises ValueError. (date.fromisoformat also takes weeks and compact forms.)"""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError(f"not a day: {text!r}")
    return date.fromisoformat(text)


def add_years(day: date, years: int) -> date:
    """The same day `years` later; 29 February falls back to 28 February in a common year."""
    year = day.year + years
    last = calendar.monthrange(year, day.month)[1]
    return date(year, day.month, min(day.day, last))


def age_on(birth_date: date, as_of: date) -> int:
    """Completed years (周岁) on `as_of`, counted from the birthday itself.

    29 February has its birthday on 28 February in a common year, the same reading as add_years. Negative before birth.
    """
    years = as_of.year - birth_date.year
    return years if add_years(birth_date, years) <= as_of else years - 1
