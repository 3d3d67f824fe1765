"""Comparisons of a date's age or anniversary with a constant, turned into a comparison of the date itself.

age(x) falls and add_years(x, n) rises as x grows, so that either divides all days at one place.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import date, timedelta

import polars as pl

from linli.kernel.dates import add_years, age_on
from linli.rules.program import Op, Scope

Test = Callable[[pl.Series], pl.Series]
MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}
YEARS = range(3, 9998)


def by_threshold(scope: Scope, place: int) -> tuple[int, Test] | None:
    """The date that a comparison really asks about, and how; None if the operation is no such comparison."""
    op = scope.ops[place]
    if op.kind != "compare":
        return None
    (left, right), sign = op.args, str(op.detail)
    if scope.ops[left].kind == "constant":
        left, right, sign = right, left, MIRRORED[sign]
    moved, limit = scope.ops[left], scope.ops[right]
    if limit.kind != "constant" or not isinstance(limit.detail, tuple):
        return None
    asked = _asked(scope, moved, limit.detail[1])
    if asked is None:
        return None
    start, end = asked
    falling = moved.kind == "age"
    return moved.args[0], functools.partial(_compared, sign, start, end, falling)


def _asked(scope: Scope, moved: Op, value: object) -> tuple[date, date] | None:
    """The days from the first to before the second are those with exactly this age or anniversary."""
    if moved.kind == "age" and isinstance(moved.detail, date) and isinstance(value, int):
        if moved.detail.year - value - 2 not in YEARS or moved.detail.year - value not in YEARS:
            return None
        return _after_birth(moved.detail, value + 1), _after_birth(moved.detail, value)
    if moved.kind == "add_years" and isinstance(value, date):
        years = scope.ops[moved.args[1]]
        if years.kind != "constant" or not isinstance(years.detail, tuple) or value.year - years.detail[1] not in YEARS:
            return None
        return _first_reaching(value, years.detail[1]), _first_reaching(value + timedelta(days=1), years.detail[1])
    return None


def _after_birth(day: date, years: int) -> date:
    """The first birth date that makes somebody less than `years` old on `day`."""
    return latest_birth(day, years) + timedelta(days=1)


@functools.lru_cache(maxsize=4096)
def latest_birth(day: date, years: int) -> date:
    """The last birth date that makes somebody at least `years` old on `day`: the same reading as kernel.dates.age_on."""
    birth = add_years(day, -years)
    following = birth + timedelta(days=1)
    return following if age_on(following, day) >= years else birth


def _first_reaching(day: date, years: int) -> date:
    """The first day whose anniversary after `years` falls on `day` or later."""
    candidate = add_years(day, -years) - timedelta(days=1)
    while add_years(candidate, years) < day:
        candidate += timedelta(days=1)
    return candidate


@functools.lru_cache(maxsize=4096)
def _row(day: date) -> pl.Series:
    return pl.Series([day])


def _compared(sign: str, start: date, end: date, falling: bool, days: pl.Series) -> pl.Series:
    """Days in [start, end) have the value itself; earlier ones a greater value if it is falling, else a lesser one."""
    before, after = days < _row(start), days >= _row(end)
    greater, less = (before, after) if falling else (after, before)
    match sign:
        case "<":
            return less
        case ">":
            return greater
        case "<=":
            return ~greater
        case ">=":
            return ~less
        case "=":
            return ~(less | greater)
        case _:
            return less | greater
