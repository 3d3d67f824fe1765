"""Runs a program's operations over frames with Polars, each operation once.

Numbers are 64-bit integers. What few operations need is written as a Polars expression; the many are done on columns directly,
since planning an expression costs more than a comparison of a million rows.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

import polars as pl

from linli.kernel.dates import add_years, age_on
from linli.rules.program import Op, Scope
from linli.rules.schedule import INJECTED
from linli.rules.tree import Type

DTYPES: dict[str, Any] = {
    "boolean": pl.Boolean,
    "integer": pl.Int64,
    "money": pl.Int64,
    "decimal": pl.Int64,
    "date": pl.Date,
    "text": pl.String,
}
# Kinds that are held as two sides if they are boolean; others are held with nulls.
SIDED = frozenset({"and", "or", "not", "unknown", "sure", "denied", "unless", "case"})
DAYS = (date(1800, 1, 1), date(2200, 12, 31))
WORTH_A_TABLE = 50_000
COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def column_of(place: int) -> str:
    """The column that holds the operation at `place`."""
    return f"#{place}"


def run(scope: Scope, wanted: Iterable[int], frame: pl.DataFrame) -> pl.DataFrame:
    """The wanted operations as columns named by column_of, one row per row of `frame`.

    frame: the fact columns, typed as DTYPES, and a column for every injected operation (sums, somes, unknown groups).
    Memory: the result of every operation that is needed, so callers give at most some million rows at a time.
    """
    outputs = list(dict.fromkeys(wanted))
    if not outputs:
        return pl.DataFrame()
    return _Run(scope, frame.rechunk()).outputs(outputs)


class _Run:
    """One pass over one frame.

    A three-valued operation is two columns without nulls, where it is true and where it is false: combining those costs a few
    machine words per operation, and a side that nobody asks for is never computed. Each is computed once.
    """

    def __init__(self, scope: Scope, frame: pl.DataFrame) -> None:
        self.scope, self.frame = scope, frame
        self._true: dict[int, pl.Series] = {}
        self._false: dict[int, pl.Series] = {}
        self._values: dict[int, pl.Series] = {}

    def outputs(self, places: list[int]) -> pl.DataFrame:
        """The columns asked for; three-valued ones with null for unknown."""
        return pl.DataFrame([self.column(place).alias(column_of(place)) for place in places])

    def column(self, place: int) -> pl.Series:
        """The operation in Polars' own form."""
        if self.scope.ops[place].type.kind != "boolean":
            return self._full(self.value(place))
        if self.scope.known[place]:
            return self._full(self.true(place))
        return _masked(self._full(self.true(place)), ~self._full(self.unknown(place)))

    def _full(self, series: pl.Series) -> pl.Series:
        """A constant repeated for every row."""
        return _repeated(series, self.frame.height)

    def true(self, place: int) -> pl.Series:
        """Where a boolean operation is true."""
        found = self._true.get(place)
        if found is None:
            found = self._true[place] = self._side(place, True)
        return found

    def false(self, place: int) -> pl.Series:
        """Where a boolean operation is false."""
        found = self._false.get(place)
        if found is None:
            found = self._false[place] = ~self.true(place) if self.scope.known[place] else self._side(place, False)
        return found

    def unknown(self, place: int) -> pl.Series:
        """Where an operation is unknown."""
        if self.scope.ops[place].type.kind != "boolean":
            return self.value(place).is_null()
        return ~(self.true(place) | self.false(place))

    def _side(self, place: int, side: bool) -> pl.Series:
        op = self.scope.ops[place]
        of = self.true if side else self.false
        match op.kind:
            case "and" | "or":
                join = operator.and_ if (op.kind == "and") == side else operator.or_
                return functools.reduce(join, [of(arg) for arg in op.args])
            case "not":
                return (self.false if side else self.true)(op.args[0])
            case "unknown":
                return self.unknown(op.args[0])
            case "sure":
                return self.true(op.args[0])
            case "denied":
                return self.false(op.args[0])
            case "unless":
                return of(op.args[1]) & self.false(op.args[0])
            case "case":
                return self._chosen(op, of)
            case _:
                return self._read(place, side)

    def _chosen(self, op: Op, of: Callable[[int], pl.Series]) -> pl.Series:
        """A CASE of booleans: the branch of the first condition that holds, as long as none before it is unknown."""
        found, open_ = None, None
        for when, then in zip(op.args[:-1:2], op.args[1:-1:2], strict=True):
            branch = self.true(when) & of(then) if open_ is None else open_ & self.true(when) & of(then)
            found = branch if found is None else found | branch
            open_ = self.false(when) if open_ is None else open_ & self.false(when)
        last = of(op.args[-1])
        return last if found is None or open_ is None else found | (open_ & last)

    def _read(self, place: int, side: bool) -> pl.Series:
        """A side of a fact, comparison or injected column: both sides are split off at once, since either needs the null mask."""
        plain = self.value(place)
        if not plain.null_count():
            return plain if side else ~plain
        known = plain.is_not_null()
        self._true[place] = plain & known  # unknown AND false is false
        self._false[place] = known & ~self._true[place]
        return self._true[place] if side else self._false[place]

    def value(self, place: int) -> pl.Series:
        """The operation with null for unknown. A constant is one row, which Polars repeats as needed."""
        found = self._values.get(place)
        if found is None:
            found = self._values[place] = self._compute(place)
        return found

    def _plain(self, place: int) -> pl.Series:
        """An operand with null for unknown, whichever way it is held."""
        op = self.scope.ops[place]
        return self.column(place) if op.kind in SIDED and op.type.kind == "boolean" else self.value(place)

    def _compute(self, place: int) -> pl.Series:
        op = self.scope.ops[place]
        if op.kind in INJECTED:
            return self.frame[column_of(place)]
        if op.kind == "fact":
            return self.frame[str(op.detail)]
        limit = _age_limit(self.scope, place)
        if limit is not None:
            return _age_compared(self.value(self.scope.ops[op.args[0]].args[0]), str(op.detail), *limit)
        if op.kind in DIRECT:
            return DIRECT[op.kind](op, [self._plain(arg) for arg in op.args])
        if op.kind == "unless":
            return _masked(self.value(op.args[1]), self._full(self.false(op.args[0])))
        if op.kind == "case":
            return self._branched(op)
        if op.kind == "only_if":
            number = self._full(self._plain(op.args[1])).zip_with(self._full(self.true(op.args[0])), pl.Series([0]))
            return number.fill_null(0) if number.null_count() else number
        return self._printed(op, [self._plain(arg) for arg in op.args])

    def _branched(self, op: Op) -> pl.Series:
        """A strict CASE: unknown from the first condition on that is unknown."""
        result = self._plain(op.args[-1])
        for when, then in zip(op.args[-3::-2], op.args[-2::-2], strict=True):
            result = self._plain(then).zip_with(self._full(self.true(when)), result)
            if not self.scope.known[when]:
                result = _masked(result, ~self._full(self.unknown(when)))
        return result

    def _printed(self, op: Op, args: list[pl.Series]) -> pl.Series:
        """An operation that is written as an expression; constants stay one row."""
        full = {str(index): arg for index, arg in enumerate(args) if len(arg) == self.frame.height}
        names = [pl.col(str(index)) if str(index) in full else pl.lit(arg) for index, arg in enumerate(args)]
        return pl.DataFrame(full).select(PRINT[op.kind](op, names).alias("")).to_series()


def _age_limit(scope: Scope, place: int) -> tuple[date, int] | None:
    """(day, years) if the operation compares an age with a constant that a date can stand for."""
    op = scope.ops[place]
    if op.kind != "compare":
        return None
    age, years = (scope.ops[arg] for arg in op.args)
    if age.kind != "age" or years.kind != "constant" or not isinstance(years.detail, tuple) or not isinstance(age.detail, date):
        return None
    return (age.detail, years.detail[1]) if 1 < age.detail.year - years.detail[1] - 1 < 9998 else None


def _repeated(series: pl.Series, height: int) -> pl.Series:
    """A row repeated, unless it is the whole column already."""
    if len(series) == height:
        return series
    return series.new_from_index(0, height) if height else series.clear()


def _masked(series: pl.Series, keep: pl.Series) -> pl.Series:
    """Null where `keep` is false."""
    return series.zip_with(keep, pl.Series([None], dtype=series.dtype))


def latest_birth(day: date, years: int) -> date:
    """The last birth date that makes somebody at least `years` old on `day`: the same reading as kernel.dates.age_on."""
    birth = add_years(day, -years)
    following = birth + timedelta(days=1)
    return following if age_on(following, day) >= years else birth


def _age_compared(birth: pl.Series, sign: str, day: date, years: int) -> pl.Series:
    at_least, older = pl.Series([latest_birth(day, years)]), pl.Series([latest_birth(day, years + 1)])
    match sign:
        case ">=":
            return birth <= at_least
        case "<":
            return birth > at_least
        case ">":
            return birth <= older
        case "<=":
            return birth > older
        case "=":
            return (birth <= at_least) & (birth > older)
        case _:
            return (birth > at_least) | (birth <= older)


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
    inputs = [_repeated(series, height) for series in args]
    return pl.DataFrame([inputs[0].alias("0"), inputs[1].alias("1")]).select(_add_years(op, [pl.col("0"), pl.col("1")])).to_series()


def _constant_row(op: Op, args: list[pl.Series]) -> pl.Series:
    assert isinstance(op.detail, tuple)
    return pl.Series([op.detail[1]], dtype=DTYPES[op.type.kind])


def _one_of(op: Op, args: list[pl.Series]) -> pl.Series:
    assert isinstance(op.detail, tuple)
    return functools.reduce(operator.or_, [args[0] == pl.Series([value], dtype=args[0].dtype) for value in op.detail])


def literal(value: Any, kind: Type) -> pl.Expr:
    """A typed constant, or a typed null."""
    return pl.lit(value, dtype=DTYPES[kind.kind])


def _add_years(op: Op, args: list[pl.Expr]) -> pl.Expr:
    day, years = args
    year = day.dt.year() + years.cast(pl.Int32)
    month, number = day.dt.month(), day.dt.day()
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    safe = pl.when((month == 2) & (number == 29) & ~leap).then(pl.lit(28, dtype=pl.Int8)).otherwise(number)
    return pl.date(year, month, safe)


def _lookup(op: Op, args: list[pl.Expr]) -> pl.Expr:
    detail: Any = op.detail
    rows, otherwise = detail
    keys, values = [key for key, _ in rows], [value for _, value in rows]
    found = args[0].replace_strict(keys, values, default=literal(otherwise, op.type), return_dtype=DTYPES[op.type.kind])
    return pl.when(args[0].is_not_null()).then(found)


def _bracket(op: Op, args: list[pl.Expr]) -> pl.Expr:
    rows: Any = op.detail
    chain: Any = pl.when(args[0].is_null()).then(literal(None, op.type))
    for start, value in reversed(rows[1:]):
        chain = chain.when(args[0] >= start).then(literal(value, op.type))
    result: pl.Expr = chain.otherwise(literal(rows[0][1], op.type))
    return result


def _marginal(op: Op, args: list[pl.Expr]) -> pl.Expr:
    rows: Any = op.detail
    parts = []
    for index, (start, rate) in enumerate(rows):
        width = rows[index + 1][0] - start if index + 1 < len(rows) else None
        parts.append((args[0] - start).clip(0, width) * rate)
    return functools.reduce(operator.add, parts)


def _round(op: Op, args: list[pl.Expr]) -> pl.Expr:
    """Half away from zero."""
    assert isinstance(op.detail, int)
    step, half = 10**op.detail, 10**op.detail // 2
    size = (args[0].abs() + half) // step
    return pl.when(args[0] < 0).then(-size).otherwise(size)


PRINT: dict[str, Callable[[Op, list[pl.Expr]], pl.Expr]] = {
    "round": _round,
    "lookup": _lookup,
    "bracket": _bracket,
    "marginal": _marginal,
}
DIRECT: dict[str, Callable[[Op, list[pl.Series]], pl.Series]] = {
    "constant": _constant_row,
    "compare": lambda op, args: COMPARE[str(op.detail)](*args),
    "add": lambda op, args: args[0] + args[1],
    "subtract": lambda op, args: args[0] - args[1],
    "multiply": lambda op, args: args[0] * args[1],
    "negate": lambda op, args: -args[0],
    "rescale": lambda op, args: args[0] * 10**op.detail,  # type: ignore[operator]
    "one_of": _one_of,
    "age": _age_of,
    "add_years": _later,
}
