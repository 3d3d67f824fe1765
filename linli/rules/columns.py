"""Single operations on columns: each takes its operands with null for unknown, and a constant as one row.

Numbers are 64-bit integers. What few rules need is written as a Polars expression; the many are done on columns directly, since
planning an expression costs more than a comparison of a million rows.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from linli.kernel.dates import add_years
from linli.rules.program import Op

DTYPES: dict[str, Any] = {
    "boolean": pl.Boolean,
    "integer": pl.Int64,
    "money": pl.Int64,
    "decimal": pl.Int64,
    "date": pl.Date,
    "text": pl.String,
}
DAYS = (date(1800, 1, 1), date(2200, 12, 31))
WORTH_A_TABLE = 50_000
LONGEST_TABLE = 65_536
FEW = 24
COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def repeated(series: pl.Series, height: int) -> pl.Series:
    """A row repeated, unless it is the whole column already."""
    if len(series) == height:
        return series
    return series.new_from_index(0, height) if height else series.clear()


def masked(series: pl.Series, keep: pl.Series) -> pl.Series:
    """Null where `keep` is false."""
    return series.zip_with(keep, pl.Series([None], dtype=series.dtype))


def spelled(series: pl.Series) -> pl.Series:
    """Encoded texts written out."""
    return series.cast(pl.String) if isinstance(series.dtype, pl.Enum) else series


def _by_day(days: pl.Series, table: Callable[[], pl.Series], otherwise: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """A function of a date read from a table of every day it may be: one memory access instead of calendar arithmetic."""
    first, last = DAYS
    low, high = days.min(), days.max()
    if len(days) < WORTH_A_TABLE or (isinstance(low, date) and isinstance(high, date) and not first <= low <= high <= last):
        return otherwise(days)
    return table().gather((days.to_physical() - (first - date(1970, 1, 1)).days).cast(pl.UInt32))


def _every_day() -> pl.Series:
    return pl.date_range(*DAYS, eager=True)


@functools.cache
def _ages(day: date) -> pl.Series:
    return _age(_every_day(), day)


@functools.cache
def _days_after(years: int) -> pl.Series:
    return _years_later(_every_day(), years)


def _age(birth: pl.Series, day: date) -> pl.Series:
    last = 229 if (day.month, day.day) == (2, 28) and add_years(date(2024, 2, 29), day.year - 2024).day == 28 else day.month * 100 + day.day
    month_day = birth.dt.month().cast(pl.Int32) * 100 + birth.dt.day()
    return day.year - birth.dt.year().cast(pl.Int64) - (month_day > last).cast(pl.Int64)


def _years_later(day: pl.Series, years: int) -> pl.Series:
    return day.to_frame("0").select(_add_years(Op("add_years"), [pl.col("0"), pl.lit(years)])).to_series()


def _age_of(op: Op, args: list[pl.Series]) -> pl.Series:
    assert isinstance(op.detail, date)
    on = op.detail
    return _by_day(args[0], lambda: _ages(on), lambda birth: _age(birth, on))


def _later(op: Op, args: list[pl.Series]) -> pl.Series:
    day, years = args
    if len(years) == 1 and len(day) > 1:
        number = int(years[0])
        return _by_day(day, lambda: _days_after(number), lambda days: _years_later(days, number))
    height = max(len(day), len(years)) if min(len(day), len(years)) else 0
    inputs = [repeated(series, height) for series in args]
    return pl.DataFrame([inputs[0].alias("0"), inputs[1].alias("1")]).select(_add_years(op, [pl.col("0"), pl.col("1")])).to_series()


@functools.lru_cache(maxsize=4096)
def _row(value: Any, kind: str) -> pl.Series:
    return pl.Series([value], dtype=DTYPES[kind])


def _constant_row(op: Op, args: list[pl.Series]) -> pl.Series:
    assert isinstance(op.detail, tuple)
    return _row(op.detail[1], op.type.kind)


def _compare(op: Op, args: list[pl.Series]) -> pl.Series:
    """Encoded texts are compared by their numbers with a constant, by what they say with one another."""
    if all(isinstance(arg.dtype, pl.Enum) for arg in args):
        args = [spelled(arg) for arg in args]
    return COMPARE[str(op.detail)](*args)


def _one_of(op: Op, args: list[pl.Series]) -> pl.Series:
    """A handful of comparisons beats a hash table."""
    assert isinstance(op.detail, tuple)
    values = [pl.Series([value], dtype=pl.String if isinstance(value, str) else args[0].dtype) for value in op.detail]
    if len(values) > FEW:
        return args[0].is_in(pl.concat(values).implode())
    return functools.reduce(operator.or_, [args[0] == value for value in values])


def _lookup(op: Op, args: list[pl.Series]) -> pl.Series:
    """The row's value by its key; the table's other value, or null, for a key without a row."""
    (key,), detail = args, op.detail
    assert isinstance(detail, tuple)
    rows, otherwise = dict(detail[0]), detail[1]
    kind = DTYPES[op.type.kind]
    if isinstance(key.dtype, pl.Enum):
        values = [rows.get(name, otherwise) for name in key.dtype.categories]
        return pl.Series(values, dtype=kind).gather(key.to_physical())
    if key.dtype == pl.String:
        places = key.cast(pl.Enum(list(rows)), strict=False).to_physical()
        found = pl.Series(list(rows.values()), dtype=kind).gather(places)
        return found if otherwise is None else found.zip_with(places.is_not_null() | key.is_null(), _row(otherwise, op.type.kind))
    low, high = min(rows), max(rows)
    if key.dtype.is_integer() and high - low < LONGEST_TABLE:
        values = [otherwise, *(rows.get(one, otherwise) for one in range(low, high + 1)), otherwise]
        inside = _all_between(key, low, high)
        return pl.Series(values, dtype=kind).gather((key if inside else key.clip(low - 1, high + 1)) - (low - 1))
    found = key.replace_strict(list(rows), list(rows.values()), default=otherwise, return_dtype=kind)
    return masked(found, key.is_not_null())


def _all_between(column: pl.Series, low: int, high: int) -> bool:
    """Whether every known number is; one pass instead of several where it is."""
    least, most = column.min(), column.max()
    return least is None or (isinstance(least, int) and isinstance(most, int) and low <= least and most <= high)


def _add_years(op: Op, args: list[pl.Expr]) -> pl.Expr:
    day, years = args
    year = day.dt.year() + years.cast(pl.Int32)
    month, number = day.dt.month(), day.dt.day()
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    safe = pl.when((month == 2) & (number == 29) & ~leap).then(pl.lit(28, dtype=pl.Int8)).otherwise(number)
    return pl.date(year, month, safe)


def _bracket(op: Op, args: list[pl.Series]) -> pl.Series:
    """The value of the last bracket that starts at the number or before; the first one's for whatever lies below."""
    rows: Any = op.detail
    base, known = _base(args[0])
    places = np.searchsorted([start for start, _ in rows[1:]], base, side="right")
    found = pl.Series([value for _, value in rows], dtype=DTYPES[op.type.kind]).gather(pl.Series(places))
    return found if known is None else masked(found, known)


def _base(numbers: pl.Series) -> tuple[npt.NDArray[np.int64], pl.Series | None]:
    """Numbers as an array, with something where they are unknown, and where they are known (None: everywhere)."""
    if not numbers.null_count():
        return numbers.to_numpy(), None
    return numbers.fill_null(0).to_numpy(), numbers.is_not_null()


def _marginal(op: Op, args: list[pl.Series]) -> pl.Series:
    """Above each start the rate changes by a step: the sum of the steps, each for what lies above its start."""
    rows: Any = op.detail
    base, known = _base(args[0])
    total, part, before = np.zeros_like(base), np.empty_like(base), 0
    for start, rate in rows:
        np.subtract(base, start, out=part)
        np.maximum(part, 0, out=part)
        part *= rate - before
        total += part
        before = rate
    found = pl.Series(total)
    return found if known is None else masked(found, known)


def _round(op: Op, args: list[pl.Series]) -> pl.Series:
    """Half away from zero."""
    assert isinstance(op.detail, int)
    step, number = 10**op.detail, args[0]
    if _all_between(number, 0, 2**63 - 1):
        return (number + step // 2) // step
    size = (number.abs() + step // 2) // step
    return size.zip_with((number >= 0).fill_null(True), -size)


COMPUTE: dict[str, Callable[[Op, list[pl.Series]], pl.Series]] = {
    "constant": _constant_row,
    "compare": _compare,
    "add": lambda op, args: args[0] + args[1],
    "subtract": lambda op, args: args[0] - args[1],
    "multiply": lambda op, args: args[0] * args[1],
    "negate": lambda op, args: -args[0],
    "rescale": lambda op, args: args[0] * 10**op.detail,  # type: ignore[operator]
    "one_of": _one_of,
    "age": _age_of,
    "add_years": _later,
    "round": _round,
    "lookup": _lookup,
    "bracket": _bracket,
    "marginal": _marginal,
}
