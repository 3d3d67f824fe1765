"""Cells into typed rows: what a delivery says, each wrong cell with its place."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from linli.kernel import areas
from linli.kernel.errors import LinliError, Place
from linli.kernel.identity import parse_identity
from linli.papers import Cell, Row, Table, cells
from linli.papers.tables import Merged
from linli.papers.worksheet import merged
from linli.registers import names
from linli.registers.imports.expectations import explained
from linli.registers.lists import Column, ListDeclaration

Reader = Callable[[Cell], Any]


@dataclass(slots=True)
class SaidRow:
    """One row of a delivery. key: identity number or credit code; data: value by fact; valid_to: first day it no longer holds.

    wrong: the row's errors; what could be read is there all the same, so that the person can still be found.
    """

    number: int
    key: str | None
    name: str | None
    birth_date: date | None
    area: str | None
    data: dict[str, Any]
    valid_from: date | None
    valid_to: date | None
    wrong: list[LinliError]


def read_rows(
    declaration: ListDeclaration, table: Table, columns: Mapping[str, int], known_areas: Container[str] | None = None
) -> Iterator[SaidRow]:
    """Every row of the table, typed, in order and in bounded memory. known_areas: the city's division codes, where they can be asked."""
    readers = [(column, columns[column.name], reader_of(column)) for column in declaration.columns if column.name in columns]
    merged_of = _merged_by_row(table)
    for row in table.rows:
        wrong = merged_of(row)
        values: dict[str, Any] = {}
        for column, index, reader in readers:
            try:
                value = reader(row.cells[index])
                if column.type == "area" and value and known_areas is not None:
                    _refuse_unknown_area(value, declaration.area, known_areas)
                if value is None and column.required:
                    raise cells.wrong(
                        "required", "必填项为空", "A required cell is empty.", column.zh, ("空", "empty"), ("补填", "fill it in")
                    )
                values[column.name] = value
            except LinliError as error:
                wrong.append(explained(error, column).at(table.place(row, index)))
        yield _said(declaration, table, row, values, wrong)


def _merged_by_row(table: Table) -> Callable[[Row], list[LinliError]]:
    """The merged ranges that touch a row, as errors at their first cell: whose value it is can't be told. Ask for rows in order."""
    waiting, open_ones = list(reversed(table.merged)), list[Merged]()

    def errors(row: Row) -> list[LinliError]:
        nonlocal open_ones
        while waiting and waiting[-1].top <= row.number:
            open_ones.append(waiting.pop())
        open_ones = [one for one in open_ones if one.bottom >= row.number]
        return [merged(table.place(row, min(one.left, len(table.headers) - 1)), one.text) for one in open_ones]

    return errors


def _refuse_unknown_area(code: str, city: str, known: Container[str]) -> None:
    """Inside the city a code stands in its table, outside at least in a province that exists."""
    fits = code[:12] in known if areas.contains(city, code) else code[:2] in areas.PROVINCES
    if not fits:
        remedy = ("对照区划代码表改正", "correct it by the table of division codes")
        expected = ("区划代码表中的代码", "a code of the national table")
        raise cells.wrong("unknown_area", "没有这个区划代码", "There is no such division code.", expected, code, remedy)


def _said(declaration: ListDeclaration, table: Table, row: Row, values: dict[str, Any], wrong: list[LinliError]) -> SaidRow:
    role = declaration.fallback
    key = values.get(declaration.key)
    birth_date = values.get(role.get("birth_date", ""))
    name = values.get(role.get("name", ""))
    if key and declaration.subject != "organisation":
        birth_date = parse_identity(key).birth_date
    if not key and not wrong and not (name and birth_date):
        wrong.append(_nobody(declaration, table, row))
    valid_from, valid_to = (values.get(declaration.validity.get(end, "")) for end in ("from", "to"))
    if valid_from and valid_to and valid_to < valid_from:
        wrong.append(_backwards(table, row, valid_from, valid_to))
    return SaidRow(
        number=row.number,
        key=key,
        name=name,
        birth_date=birth_date,
        area=values.get(role.get("area", "")),
        data={
            column.fact: stored(values[column.name])
            for column in declaration.fact_columns
            if column.fact and values.get(column.name) is not None
        },
        valid_from=valid_from,
        valid_to=valid_to + timedelta(days=1) if valid_to else None,
        wrong=wrong,
    )


def stored(value: Any) -> Any:
    """Integers, booleans and text as they are; dates and decimals as text."""
    return value if isinstance(value, bool | int | str) else str(value)


def reader_of(column: Column) -> Reader:
    """The reader of a column's cells: its codes first, then what its type allows."""
    reader = _typed(column)
    codes = dict(column.codes or {}) | {value: value for value in column.values}
    if not codes:
        return reader
    if column.type == "text":
        return lambda cell: cells.choice(cell, codes)

    def coded(cell: Cell) -> Any:
        text = cells.plain(cell)
        if text in codes:
            return codes[text]
        try:
            return reader(cell)
        except LinliError:
            # What is wrong with "五级" is not that it isn't a whole number.
            return cells.choice(cell, codes)

    return coded


def _typed(column: Column) -> Reader:
    low, high = column.minimum, column.maximum
    readers: dict[str, Reader] = {
        "identity": cells.identity,
        "credit_code": cells.credit_code,
        "person_name": _name,
        "area": _area,
        "text": cells.text,
        "date": cells.day,
        "boolean": cells.boolean,
        "integer": lambda cell: cells.integer(cell, minimum=low, maximum=high),
        "money": lambda cell: cells.money(cell, minimum=low, maximum=high),
        "decimal": lambda cell: cells.decimal(cell, scale=column.scale or 0, minimum=low, maximum=high),
    }
    return readers[column.type]


def _name(cell: Cell) -> str | None:
    text = cells.text(cell, longest=100)
    return names.tidy(text) if text else None


def _area(cell: Cell) -> str | None:
    text = cells.text(cell, longest=20)
    return areas.trimmed(text) if text else None


def _nobody(declaration: ListDeclaration, table: Table, row: Row) -> LinliError:
    return LinliError(
        "imports.nobody",
        zh="无法确定是谁",
        en="The row names nobody.",
        place=Place(table.path.name, row.number),
        expected=f"{declaration.column(declaration.key).en}, or name and date of birth",
        found="neither",
        expected_zh=f"{declaration.column(declaration.key).zh}，或姓名和出生日期",
        found_zh="都没有",
        remedy_zh="补填身份证号，或姓名和出生日期",
        remedy_en="fill in the identity number, or name and date of birth",
    )


def _backwards(table: Table, row: Row, valid_from: date, valid_to: date) -> LinliError:
    return LinliError(
        "imports.backwards",
        zh="截止日期早于起始日期",
        en="It ends before it begins.",
        place=Place(table.path.name, row.number),
        expected=f"{valid_from} or later",
        expected_zh=f"{valid_from} 或以后",
        found=str(valid_to),
        remedy_zh="核对两个日期",
        remedy_en="check both dates",
    )
