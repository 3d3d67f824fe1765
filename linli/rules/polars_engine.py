"""Prints a program's operations as Polars expressions and runs them over frames.

Booleans are Polars' own three-valued ones; numbers are 64-bit integers; an operation used more than once is a column computed once.
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
from linli.rules.schedule import INJECTED, Schedule
from linli.rules.tree import Type

DTYPES: dict[str, Any] = {
    "boolean": pl.Boolean,
    "integer": pl.Int64,
    "money": pl.Int64,
    "decimal": pl.Int64,
    "date": pl.Date,
    "text": pl.String,
}
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
    """
    outputs = list(dict.fromkeys(wanted))
    if not outputs:
        return pl.DataFrame()
    schedule: Schedule[pl.Expr] = Schedule(scope, _Printer(scope), outputs)
    lazy = frame.lazy()
    for level in schedule.levels:
        lazy = lazy.with_columns(expression.alias(column_of(place)) for place, expression in level)
    # with_columns and not select: a constant must fill every row.
    lazy = lazy.with_columns(schedule.done[place].alias(column_of(place)) for place in outputs)
    return lazy.select(column_of(place) for place in outputs).collect(optimizations=pl.QueryOptFlags.none())


class _Printer:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def inputs(self, place: int) -> tuple[int, ...]:
        """The operations whose values are really read: an age that is only compared with a constant is not."""
        return (self.scope.ops[self.scope.ops[place].args[0]].args) if self._age_limit(place) is not None else self.scope.ops[place].args

    def reference(self, place: int) -> pl.Expr:
        """The column of an operation that was computed before."""
        return pl.col(column_of(place))

    def print(self, place: int, done: dict[int, pl.Expr]) -> pl.Expr:
        """The operation as an expression."""
        op = self.scope.ops[place]
        limit = self._age_limit(place)
        if limit is not None:
            return _age_compared(done[self.inputs(place)[0]], str(op.detail), *limit)
        if op.kind in INJECTED:
            return self.reference(place)
        return PRINT[op.kind](op, [done[arg] for arg in op.args])

    def _age_limit(self, place: int) -> tuple[date, int] | None:
        """(day, years) if the operation compares an age with a constant that a date can stand for."""
        op = self.scope.ops[place]
        if op.kind != "compare":
            return None
        age, years = (self.scope.ops[arg] for arg in op.args)
        if age.kind != "age" or years.kind != "constant" or not isinstance(years.detail, tuple) or not isinstance(age.detail, date):
            return None
        return (age.detail, years.detail[1]) if 1 < age.detail.year - years.detail[1] - 1 < 9998 else None


def latest_birth(day: date, years: int) -> date:
    """The last birth date that makes somebody at least `years` old on `day`: the same reading as kernel.dates.age_on."""
    birth = add_years(day, -years)
    following = birth + timedelta(days=1)
    return following if age_on(following, day) >= years else birth


def _age_compared(birth: pl.Expr, sign: str, day: date, years: int) -> pl.Expr:
    at_least, older = pl.lit(latest_birth(day, years)), pl.lit(latest_birth(day, years + 1))
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


def literal(value: Any, kind: Type) -> pl.Expr:
    """A typed constant, or a typed null."""
    return pl.lit(value, dtype=DTYPES[kind.kind])


def _constant(op: Op, args: list[pl.Expr]) -> pl.Expr:
    assert isinstance(op.detail, tuple)
    return literal(op.detail[1], op.type)


def _case(op: Op, args: list[pl.Expr]) -> pl.Expr:
    result = args[-1]
    for index in range(len(args) - 3, -1, -2):
        when, then = args[index], args[index + 1]
        result = pl.when(when.is_null()).then(literal(None, op.type)).when(when).then(then).otherwise(result)
    return result


def _one_of(op: Op, args: list[pl.Expr]) -> pl.Expr:
    assert isinstance(op.detail, tuple)
    return functools.reduce(operator.or_, [args[0] == pl.lit(value) for value in op.detail])


def _age(op: Op, args: list[pl.Expr]) -> pl.Expr:
    assert isinstance(op.detail, date)
    birth, day = args[0], op.detail
    last = 229 if (day.month, day.day) == (2, 28) and add_years(date(2024, 2, 29), day.year - 2024).day == 28 else day.month * 100 + day.day
    month_day = birth.dt.month().cast(pl.Int32) * 100 + birth.dt.day()
    return day.year - birth.dt.year().cast(pl.Int64) - (month_day > last).cast(pl.Int64)


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
    "constant": _constant,
    "fact": lambda op, args: pl.col(str(op.detail)),
    "compare": lambda op, args: COMPARE[str(op.detail)](*args),
    "add": lambda op, args: args[0] + args[1],
    "subtract": lambda op, args: args[0] - args[1],
    "multiply": lambda op, args: args[0] * args[1],
    "negate": lambda op, args: -args[0],
    "rescale": lambda op, args: args[0] * 10**op.detail,  # type: ignore[operator]
    "round": _round,
    "not": lambda op, args: ~args[0],
    "and": lambda op, args: functools.reduce(operator.and_, args),
    "or": lambda op, args: functools.reduce(operator.or_, args),
    "one_of": _one_of,
    "case": _case,
    "age": _age,
    "add_years": _add_years,
    "lookup": _lookup,
    "bracket": _bracket,
    "marginal": _marginal,
    "unknown": lambda op, args: args[0].is_null(),
    "sure": lambda op, args: args[0].fill_null(False),
    "denied": lambda op, args: (~args[0]).fill_null(False),
    "unless": lambda op, args: pl.when(~args[0]).then(args[1]),
    "only_if": lambda op, args: pl.when(args[0]).then(args[1]).otherwise(0).fill_null(0),
}
