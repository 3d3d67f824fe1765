"""Single operations on columns, beside plain Python: at the ends of scales, outside tables, around 29 February."""

from __future__ import annotations

import operator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.dates import add_years, age_on
from linli.rules.columns import COMPUTE
from linli.rules.groups import number
from linli.rules.polars_engine import Pass
from linli.rules.program import Op, Scope
from linli.rules.tree import BOOLEAN, DATE, INTEGER, MONEY

SIGNS = {"=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
numbers = st.lists(st.none() | st.integers(-3000, 3000), min_size=1, max_size=20)
days = st.dates(date(1899, 1, 1), date(2035, 12, 31))
near_february = st.builds(lambda year, off: date(year, 3, 1) + timedelta(days=off), st.integers(1990, 2030), st.integers(-3, 2))


def compared(kind: str, detail: object, years: int | None, sign: str, limit: object, mirrored: bool, values: list[date | None]) -> list:
    scope = Scope("subject")
    fact = scope.add("fact", (), "day", DATE)
    if kind == "age":
        moved = scope.add("age", (fact,), detail, INTEGER)
        other = scope.constant(limit, INTEGER)
    else:
        moved = scope.add("add_years", (fact, scope.constant(years, INTEGER)), None, DATE)
        other = scope.constant(limit, DATE)
    place = scope.add("compare", (other, moved) if mirrored else (moved, other), sign, BOOLEAN)
    return Pass(scope, pl.DataFrame({"day": pl.Series(values, dtype=pl.Date)})).column(place).to_list()


@given(st.lists(st.none() | days | near_february, min_size=1, max_size=12), near_february | days, st.integers(-3, 110), st.booleans())
def test_an_age_is_compared_as_it_is_counted(born: list[date | None], on: date, years: int, mirrored: bool) -> None:
    for sign, holds in SIGNS.items():
        ages = [None if day is None else age_on(day, on) for day in born]
        expected = [None if age is None else holds(years, age) if mirrored else holds(age, years) for age in ages]
        assert compared("age", on, None, sign, years, mirrored, born) == expected


@given(st.lists(st.none() | days | near_february, min_size=1, max_size=12), st.integers(-30, 30), near_february | days, st.booleans())
def test_an_anniversary_is_compared_as_it_falls(start: list[date | None], years: int, limit: date, mirrored: bool) -> None:
    for sign, holds in SIGNS.items():
        later = [None if day is None else add_years(day, years) for day in start]
        expected = [None if day is None else holds(limit, day) if mirrored else holds(day, limit) for day in later]
        assert compared("add_years", None, years, sign, limit, mirrored, start) == expected


def column(values: list[int | None]) -> pl.Series:
    return pl.Series(values, dtype=pl.Int64)


@given(numbers, st.integers(1, 3))
def test_rounding_is_half_away_from_zero(values: list[int | None], power: int) -> None:
    found = COMPUTE["round"](Op("round", (), power, MONEY), [column(values)]).to_list()
    assert found == [None if one is None else int((Decimal(one) / 10**power).to_integral_value(ROUND_HALF_UP)) for one in values]


@given(numbers, st.lists(st.tuples(st.integers(-100, 2000), st.integers(-5, 9)), min_size=1, max_size=4, unique_by=lambda row: row[0]))
def test_scales_at_and_around_their_starts(values: list[int | None], rows: list[tuple[int, int]]) -> None:
    rows = sorted(rows)

    def marginal(one: int) -> int:
        ends = [start for start, _ in rows[1:]] + [10**9]
        return sum(max(min(one, end) - start, 0) * rate for (start, rate), end in zip(rows, ends, strict=True))

    def bracket(one: int) -> int:
        return next((value for start, value in reversed(rows) if one >= start), rows[0][1])

    for kind, plain in (("marginal", marginal), ("bracket", bracket)):
        found = COMPUTE[kind](Op(kind, (), tuple(rows), MONEY), [column(values)]).to_list()
        assert found == [None if one is None else plain(one) for one in values], kind


@given(numbers, st.dictionaries(st.integers(-5, 3000), st.integers(0, 9), min_size=1, max_size=6), st.none() | st.integers(0, 9))
def test_a_table_of_numbers(values: list[int | None], rows: dict[int, int], otherwise: int | None) -> None:
    op = Op("lookup", (), (tuple(rows.items()), otherwise), MONEY)
    expected = [None if one is None else rows.get(one, otherwise) for one in values]
    assert COMPUTE["lookup"](op, [column(values)]).to_list() == expected
    far = Op("lookup", (), ((*rows.items(), (10**9, 7)), otherwise), MONEY)
    assert COMPUTE["lookup"](far, [column(values)]).to_list() == expected


@pytest.mark.parametrize("otherwise", [None, 5])
@pytest.mark.parametrize("kind", [pl.String, pl.Enum(["b", "a", "c"])])
def test_a_table_of_texts(kind: pl.DataType, otherwise: int | None) -> None:
    keys = pl.Series(["a", None, "c", "b"], dtype=pl.String).cast(kind)
    op = Op("lookup", (), ((("a", 1), ("b", 2), ("d", 3)), otherwise), MONEY)
    assert COMPUTE["lookup"](op, [keys]).to_list() == [1, None, otherwise, 2]


@given(st.lists(st.none() | st.sampled_from("abcdefgh"), max_size=30), st.booleans())
def test_equal_ids_are_one_group(ids: list[str | None], together: bool) -> None:
    if together:
        ids = sorted(ids, key=lambda one: (one is None, one or ""))
    series = pl.Series(ids, dtype=pl.String)
    found = number(series, "household")
    assert [found.ids[int(code)] for code in found.codes] == ids
    named = found.ids.drop_nulls()
    assert named.n_unique() == len(named)
    asked = pl.Series(["a", "z", *named.to_list()], dtype=pl.String)
    places = found.of(asked)
    assert [found.ids[int(place)] if place < len(found.ids) else None for place in places] == [
        one if one in named.to_list() else None for one in asked
    ]
    assert isinstance(places, np.ndarray)
