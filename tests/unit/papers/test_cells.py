"""Typed values out of cells: what is taken, what is refused, and that no whole number is shown in an error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.errors import LinliError, Place
from linli.kernel.identity import check_character
from linli.kernel.money import yuan_text
from linli.papers import Cell, cells

READERS: list[Callable[[Cell], Any]] = [
    cells.text,
    cells.identity,
    cells.credit_code,
    cells.phone,
    cells.day,
    cells.integer,
    lambda cell: cells.decimal(cell, scale=2),
    cells.money,
    cells.boolean,
    lambda cell: cells.choice(cell, {"一级": 1}),
]


def code_of(read: Callable[[Cell], Any], cell: Cell) -> str:
    with pytest.raises(LinliError) as error:
        read(cell)
    return error.value.code


@pytest.mark.parametrize("read", READERS)
def test_every_reader_gives_none_for_an_empty_cell_and_refuses_what_is_unreliable(read: Callable[[Cell], Any]) -> None:
    assert read(Cell("")) is None
    assert read(Cell("  ")) is None
    assert code_of(read, Cell("=A1", "formula")) == "cells.formula"
    assert code_of(read, Cell("#N/A", "error")) == "cells.error_value"
    assert code_of(read, Cell("990000194912310000", "lost")) == "cells.digits_lost"


def test_an_error_is_given_its_place() -> None:
    with pytest.raises(LinliError) as error:
        cells.integer(Cell("x"))
    placed = error.value.at(Place(file="t.xlsx", line=3, column=2, field="年龄"))
    assert str(placed).startswith("t.xlsx:3:2 (年龄): Not a whole number.")
    assert "t.xlsx:3:2" in placed.text("zh")


@given(st.dates(date(1880, 1, 1), date(2200, 12, 31)))
def test_every_way_to_write_a_day_means_that_day(day: date) -> None:
    year, month, last = day.year, day.month, day.day
    for text in (f"{day}", f"{year}/{month}/{last}", f"{year}.{month}.{last}", f"{year}{month:02d}{last:02d}", f"{year}年{month}月{last}日",
                 f"{day} 00:00:00", f"{day}T00:00:00"):  # fmt: skip
        assert cells.day(Cell(text)) == day


@pytest.mark.parametrize(
    "text", ["2024-02-30", "24-01-05", "2024-13-01", "05/01/2024", "2024-1", "二〇二四年", "2024-01/05", "45296", "1850-01-01"]
)
def test_what_is_not_surely_a_day_is_refused(text: str) -> None:
    assert code_of(cells.day, Cell(text)) == "cells.date"


def test_a_bare_number_is_a_day_only_where_it_can_be_nothing_else() -> None:
    assert cells.day(Cell("45296", "number")) == date(2024, 1, 5)
    assert cells.day(Cell("20240105", "number")) == date(2024, 1, 5)
    assert code_of(cells.day, Cell("2024", "number")) == "cells.date"


def test_a_day_outside_the_bounds_is_refused() -> None:
    assert code_of(lambda cell: cells.day(cell, latest=date(2026, 1, 1)), Cell("2026-01-02")) == "cells.date"


@given(st.integers(-(10**14), 10**14))
def test_money_reads_what_is_shown(fen: int) -> None:
    assert cells.money(Cell(yuan_text(fen))) == fen
    assert cells.money(Cell(f"￥{yuan_text(fen)}元")) == fen


@pytest.mark.parametrize("text", ["1.234", "1万", "1 2", "１２a", "1e5", "NaN", "--1", "1.2.3", "Infinity"])
def test_what_is_not_money_is_refused(text: str) -> None:
    assert code_of(cells.money, Cell(text)).startswith(("cells.money", "money."))


@given(st.integers(-(10**18), 10**18))
def test_whole_numbers_read_back(number: int) -> None:
    assert cells.integer(Cell(f"{number}")) == cells.integer(Cell(f"{number:,}")) == number


def test_numbers_keep_to_their_bounds_and_decimals() -> None:
    assert cells.decimal(Cell("12.5%"), scale=3) == Decimal("0.125")
    assert cells.integer(Cell("５")) == 5
    assert code_of(lambda cell: cells.integer(cell, minimum=1, maximum=4), Cell("5")) == "cells.out_of_range"
    assert code_of(lambda cell: cells.decimal(cell, scale=2), Cell("1.005")) == "cells.decimal"
    assert code_of(lambda cell: cells.money(cell, minimum=0), Cell("-1")) == "cells.out_of_range"
    assert code_of(cells.integer, Cell("1.5")) == "cells.integer"


@pytest.mark.parametrize(
    ("text", "value"), [("是", True), ("否", False), ("有", True), ("无", False), ("y", True), ("FALSE", False), ("１", True)]
)
def test_yes_and_no(text: str, value: bool) -> None:
    assert cells.boolean(Cell(text)) is value


def test_neither_yes_nor_no() -> None:
    assert code_of(cells.boolean, Cell("可能")) == "cells.boolean"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("13800000000", "13800000000"),
        ("+86 138-0000-0000", "13800000000"),
        ("(0359) 2222222", "03592222222"),
        ("0086-13800000000", "13800000000"),
    ],
)
def test_phones_become_digits(text: str, value: str) -> None:
    assert cells.phone(Cell(text)) == value


def test_wrong_numbers_are_not_shown_whole() -> None:
    with pytest.raises(LinliError) as error:
        cells.phone(Cell("23800001234"))
    assert "23800001234" not in str(error.value)
    with pytest.raises(LinliError) as error:
        cells.identity(Cell("990000194912310022"))
    assert "990000194912310022" not in str(error.value)


@given(st.integers(0, 999))
def test_an_identity_number_survives_spaces_and_small_letters(sequence: int) -> None:
    first = f"99000019491231{sequence:03d}"
    number = first + check_character(first)
    assert cells.identity(Cell(f" {number[:6]} {number[6:].lower()}")) == number


def test_a_choice_is_exact() -> None:
    assert cells.choice(Cell(" 一级 "), {"一级": 1}) == 1
    assert code_of(lambda cell: cells.choice(cell, {"一级": 1}), Cell("五级")) == "cells.choice"


def test_text_is_bounded_and_readable() -> None:
    assert cells.text(Cell("ａｂ ")) == "ab"
    assert code_of(lambda cell: cells.text(cell, longest=3), Cell("abcd")) == "cells.text"
    assert code_of(cells.text, Cell("a\x01b")) == "cells.text"
