"""Runs a program's operations over frames with Polars, each operation once."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Mapping

import polars as pl

from linli.rules.columns import COMPUTE, masked, repeated, spelled
from linli.rules.program import STRICT, Op, Scope
from linli.rules.schedule import INJECTED
from linli.rules.thresholds import by_threshold

# Kinds that are held as two sides if they are boolean; others are held with nulls.
SIDED = frozenset({"and", "or", "not", "unknown", "sure", "denied", "unless", "case"})
NOWHERE = pl.Series([False])


def column_of(place: int) -> str:
    """The column that holds the operation at `place`."""
    return f"#{place}"


def run(scope: Scope, wanted: Iterable[int], frame: pl.DataFrame) -> pl.DataFrame:
    """The wanted operations as columns named by column_of, one row per row of `frame`, which holds what a Pass needs."""
    return Pass(scope, frame).outputs(wanted)


class Pass:
    """One pass of a program's operations over one frame, each computed when it is first asked for.

    frame: the fact columns, typed as DTYPES; injected: a column for every sum, some and unknown group, unless the frame has it.
    A three-valued operation is two columns without nulls, where it is true and where it is false: combining those costs a few
    machine words per operation, and a side that nobody asks for is never computed. Memory: every result that was needed.
    """

    def __init__(self, scope: Scope, frame: pl.DataFrame, injected: Mapping[int, pl.Series] | None = None) -> None:
        self.scope, self.frame = scope, frame.rechunk()
        self._true: dict[int, pl.Series] = {}
        self._false: dict[int, pl.Series] = {}
        self._values: dict[int, pl.Series] = dict(injected or {})
        self._known: dict[int, pl.Series | None] = {}
        self._unknown: dict[int, pl.Series] = {}

    def outputs(self, places: Iterable[int]) -> pl.DataFrame:
        """The columns asked for, named by column_of; three-valued ones with null for unknown."""
        return pl.DataFrame([self.column(place).alias(column_of(place)) for place in dict.fromkeys(places)])

    def holds(self, place: int) -> pl.Series:
        """Where a boolean operation is true, a row for every row."""
        return self._full(self.true(place))

    def among(self, chosen: pl.Series, place: int) -> list[pl.Series]:
        """What the operation at `place` reads, of the chosen rows only: the columns of a frame for another pass."""
        found = [self.value(leaf).alias(_source(self.scope, leaf)) for leaf in self.scope.leaves(place)]
        return found if chosen.all() else [column.filter(chosen) for column in found]

    def chosen(self, place: int) -> tuple[pl.Series, pl.Series]:
        """Where an only_if has its number, and the numbers of those rows; one number alone if all have the same."""
        reason, number = self.scope.ops[place].args
        known, value = self.known(number), self.value(number)
        where = self.holds(reason) if known is None else self.holds(reason) & known
        return where, value if len(value) == 1 or where.all() else value.filter(where)

    def column(self, place: int) -> pl.Series:
        """The operation in Polars' own form."""
        if self.scope.ops[place].type.kind != "boolean":
            return self._full(self.value(place))
        if self.scope.known[place]:
            return self._full(self.true(place))
        known = self.known(place)
        return self._full(self.true(place)) if known is None else masked(self._full(self.true(place)), self._full(known))

    def _full(self, series: pl.Series) -> pl.Series:
        """A constant repeated for every row."""
        return repeated(series, self.frame.height)

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
        known = self.known(place)
        if known is None:
            return NOWHERE
        found = self._unknown.get(id(known))
        if found is None:
            found = self._unknown[id(known)] = ~known
        return found

    def known(self, place: int) -> pl.Series | None:
        """Where an operation is known; None if everywhere. Operations on one fact share its mask."""
        if place not in self._known:
            self._known[place] = self._mask(place)
        return self._known[place]

    def _mask(self, place: int) -> pl.Series | None:
        op = self.scope.ops[place]
        if self.scope.known[place]:
            return None
        if op.kind in SIDED and op.type.kind == "boolean":
            return self.true(place) | self.false(place)
        if op.kind in STRICT:
            masks = {id(mask): mask for mask in map(self.known, op.args) if mask is not None}
            return functools.reduce(operator.and_, masks.values()) if masks else None
        value = self.value(place)
        if not value.null_count():
            return None
        return self._facts_known[_source(self.scope, place)] if op.kind == "fact" else value.is_not_null()

    @functools.cached_property
    def _facts_known(self) -> pl.DataFrame:
        """The masks of all columns with nulls, made at once: planning a mask costs more than making it."""
        gaps = [column.name for column in self.frame.iter_columns() if column.null_count()]
        return self.frame.select(pl.col(gaps).is_not_null())

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
        """A side of a fact, comparison or injected column."""
        known = self.known(place)
        if known is None:
            return self.value(place) if side else ~self.value(place)
        # unknown AND false is false, so that no null is left
        return self.value(place) & known if side else known & ~self.true(place)

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
        if op.kind == "fact" or op.kind in INJECTED:
            return self.frame[_source(self.scope, place)]
        inner = by_threshold(self.scope, place)
        if inner is not None:
            return inner[1](self.value(inner[0]))
        if op.kind in COMPUTE:
            return COMPUTE[op.kind](op, [self._plain(arg) for arg in op.args])
        if op.kind == "unless":
            return masked(self.value(op.args[1]), self._full(self.false(op.args[0])))
        if op.kind == "case":
            return self._branched(op)
        if op.kind == "only_if":
            number = self._full(self._plain(op.args[1])).zip_with(self._full(self.true(op.args[0])), pl.Series([0]))
            return number.fill_null(0) if number.null_count() else number
        raise AssertionError(op.kind)

    def _branched(self, op: Op) -> pl.Series:
        """A strict CASE: unknown from the first condition on that is unknown."""
        result = spelled(self._plain(op.args[-1]))
        for when, then in zip(op.args[-3::-2], op.args[-2::-2], strict=True):
            result = spelled(self._plain(then)).zip_with(self._full(self.true(when)), result)
            known = self.known(when)
            if known is not None:
                result = masked(result, self._full(known))
        return result


def _source(scope: Scope, place: int) -> str:
    """The frame's column for a fact or an injected operation."""
    op = scope.ops[place]
    return str(op.detail) if op.kind == "fact" else column_of(place)
