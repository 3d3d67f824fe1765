"""Reads of Django's that become SQL once: a page asks the same dozen questions for every reader, and putting one together costs several
times as much as asking it.

    @compiled
    def _grants(staff: int, day: date) -> QuerySet[StaffGrant]:
        return StaffGrant.objects.filter(true_on(day), staff=staff)

    _grants(7, today)  # a list

The function is called with stand-ins, once for each shape of its arguments, and hands each of them on to the query as it is: whatever
looks at a value or computes from it comes before, or has it as Fixed. What the query is built from besides (a clock, a setting) would
be kept for ever and has no business in there. While `checking` is on, as in all tests, every call is compared with the query as Django
puts it together at that moment.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar, cast
from uuid import UUID

P = ParamSpec("P")
R = TypeVar("R")
MOST = 500
"""Shapes of one read that are kept: a list of ids has one for each length, what a grant reaches one for each set of grants."""
checking = False
_STANDING_FOR = (UUID, datetime, date, int, str)
_TELLING = (UUID, datetime, date)
"""Kinds of which a query knows none by itself: one that is no stand-in was computed."""


@dataclass(frozen=True, slots=True)
class Fixed(Generic[R]):
    """A value that the read looks at or computes from: for each there is a query of its own."""

    value: R


class Compiled(Generic[P, R]):
    """A read that was put together before, as a list. Safe in threads: each call has its own cursor on its thread's connection."""

    def __init__(self, build: Callable[P, Iterable[R]]) -> None:
        update_wrapper(self, build)
        self._build = build
        self._plans: dict[Hashable, _Plan] = {}

    def __call__(self, *values: P.args, **named: P.kwargs) -> list[R]:
        """One query. Values are text, numbers, ids, days, moments, and tuples of these; anything else that is hashable is part of the
        shape, as True, False and None are. A tuple is not empty: nothing is in an empty list, and nobody need ask.
        """
        if named:
            raise TypeError("the values of a compiled read are given by place")
        return list(self._plan(values).rows(values))

    def sql(self, *values: P.args, **_named: P.kwargs) -> tuple[str, tuple[Any, ...]]:
        """The statement and its parameters, as part of another."""
        plan = self._plan(values)
        return plan.sql, plan.bound(values)

    def first(self, *values: P.args, **named: P.kwargs) -> R | None:
        """The first row, None where there is none. How many are fetched the read says itself: [:1]."""
        found = self(*values, **named)
        return found[0] if found else None

    def _plan(self, values: tuple[Any, ...]) -> _Plan:
        shape = tuple(_shape(value) for value in values)
        plan = self._plans.get(shape)
        if plan is None:
            if len(self._plans) >= MOST:
                self._plans.clear()
            plan = self._plans[shape] = _Plan(self._build, values)
        if checking:
            plan.check(cast(Any, self._build)(*values), values)
        return plan


def compiled(build: Callable[P, Iterable[R]]) -> Compiled[P, R]:
    """A function that makes a queryset of its arguments, as a read that makes it once."""
    return Compiled(build)


class _Plan:
    """One shape: its SQL, and which of the query's parameters are which of the read's values."""

    def __init__(self, build: Callable[..., Any], values: tuple[Any, ...]) -> None:
        stand_ins = tuple(_stand_in(value) for value in values)
        self.queryset = build(*stand_ins)
        self.compiler = self.queryset.query.get_compiler(using=self.queryset.db)
        self.sql, parameters = self.compiler.as_sql()
        places = {_key(one): number for number, one in enumerate(_flat(stand_ins)) if isinstance(one, _STANDING_FOR) and not _is_shape(one)}
        self.parameters = [(places.get(_key(one)), type(one), one) for one in parameters]
        unused = set(places.values()) - {place for place, *_ in self.parameters}
        computed = [one for place, _, one in self.parameters if place is None and isinstance(one, _TELLING)]
        if unused or (computed and not any(isinstance(one, Fixed) for one in _flat(stand_ins))):
            raise TypeError(f"{build}: what reaches the query is not as it was given: {sorted(unused)} {computed}")
        fields = [one[0] for one in self.compiler.select[: self.compiler.col_count]]
        self.converters = self.compiler.get_converters(fields)

    def bound(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """The query's parameters. A number may go to the database as the adapter's own kind."""
        flat = _flat(values)
        return tuple(
            one if place is None else flat[place] if type(flat[place]) is kind else kind(flat[place])
            for place, kind, one in self.parameters
        )

    def rows(self, values: tuple[Any, ...]) -> Any:
        """The queryset, which puts nothing together when it is evaluated."""
        found = object.__new__(type(self.queryset))
        found.__dict__.update(self.queryset.__dict__)  # to copy a queryset is to evaluate it
        query, compiler, told = copy.copy(self.queryset.query), copy.copy(self.compiler), (self.sql, self.bound(values))
        compiler.connection = self.queryset.query.get_compiler(using=self.queryset.db).connection  # this thread's
        compiler.query = query
        compiler.as_sql = lambda *_, **__: told
        compiler.get_converters = lambda _: self.converters
        query.get_compiler = lambda *_, **__: compiler
        found._query = query
        return found

    def check(self, fresh: Any, values: tuple[Any, ...]) -> None:
        """Raise AssertionError where Django would ask something else."""
        sql, parameters = fresh.query.get_compiler(using=fresh.db).as_sql()
        kept, now = ([getattr(one, "obj", one) for one in several] for several in (self.bound(values), parameters))  # of JSON the content
        assert (sql, now) == (self.sql, kept), f"not what is kept: {sql} {now} {kept}"


def _is_shape(value: Any) -> bool:
    return isinstance(value, bool) or not isinstance(value, _STANDING_FOR)


def _shape(value: Any) -> Hashable:
    if isinstance(value, tuple):
        return tuple(_shape(one) for one in value)
    if _is_shape(value):
        return cast(Hashable, value)
    return cast(Hashable, type(value))


def _flat(values: tuple[Any, ...]) -> list[Any]:
    return [one for value in values for one in (_flat(value) if isinstance(value, tuple) else (value,))]


def _key(value: Any) -> Hashable:
    return (int, int(value)) if isinstance(value, int) and not isinstance(value, bool) else (type(value), repr(value))


def _stand_in(value: Any) -> Any:
    """A value of the same kind that nothing else in a query is equal to."""
    if isinstance(value, tuple):
        return tuple(_stand_in(one) for one in value)
    if _is_shape(value):
        return value
    if isinstance(value, UUID):
        return UUID(int=random.getrandbits(128))
    if isinstance(value, datetime):
        return datetime(1700, 1, 1, tzinfo=UTC) + timedelta(microseconds=random.getrandbits(50))
    if isinstance(value, date):
        return date(1000, 1, 1) + timedelta(days=random.getrandbits(17))
    if isinstance(value, int):
        return random.randrange(2**29, 2**30)
    return f"stand-in {random.getrandbits(64):x}"
