"""A price list as xlsx or csv: each row an item's price, checked cell by cell, and no item with two prices on one day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from linli.kernel.errors import LinliError, Place, Problems
from linli.papers import Cell, Row, Table, cells, read_table
from linli.registers.lists.declaration import plain_header

COLUMNS = {
    "code": ("项目编码", "编码", "医疗服务项目编码", "item code"),
    "name": ("项目名称", "名称", "医疗服务项目名称", "item"),
    "unit": ("计价单位", "单位", "unit"),
    "fen": ("价格", "价格（元）", "收费标准", "收费标准（元）", "price", "price (yuan)"),
    "level": ("医院等级", "医疗机构等级", "等级", "grade"),
    "valid_from": ("起始日期", "执行日期", "生效日期", "from"),
    "valid_to": ("终止日期", "截止日期", "to"),
}
"""Headers by field; the last three may be missing."""
REQUIRED = ("code", "name", "unit", "fen")
GRADES = {"三级": "3", "二级": "2", "一级": "1"}
LEVELS = {"全部": ""} | GRADES | {f"{words}医院": level for words, level in GRADES.items()} | {level: level for level in GRADES.values()}
MOST_ROWS = 100_000
MOST_FAULTS = 500
DEAREST = 10**11


@dataclass(frozen=True, slots=True)
class NewPrice:
    """One price, checked. row: where it stands in its file. valid_from None: the version's own first day."""

    row: int
    code: str
    level: str
    name: str
    unit: str
    fen: int
    valid_from: date | None
    valid_to: date | None


def reach(first: date, last: date | None) -> tuple[date, date]:
    """The days that no other price of the item may have: up to a stated last day, else the first day alone."""
    return first, last or first


def read_prices(path: Path) -> list[NewPrice]:
    """Every row of the list. Raises Problems with the wrong cells by their places, or LinliError for a file that is no such table."""
    table = read_table(path)
    columns = _columns(table)
    found: list[NewPrice] = []
    problems: list[LinliError] = []
    for row in table.rows:
        if len(found) + len(problems) >= MOST_ROWS or len(problems) >= MOST_FAULTS:
            break
        wrong: list[LinliError] = []
        price = _price(table, row, columns, wrong)
        problems += wrong
        if price is not None:
            found.append(price)
    if not found and not problems:
        problems.append(_refusal(path, "no_prices", "文件中没有价格", "The file holds no price.", ("至少一行", "at least one row"), ""))
    if problems:
        raise Problems(problems)
    return found


def _columns(table: Table) -> dict[str, int]:
    plain = [plain_header(header) for header in table.headers]
    found = {}
    for name, headers in COLUMNS.items():
        index = next((plain.index(plain_header(one)) for one in headers if plain_header(one) in plain), None)
        if index is not None:
            found[name] = index
    missing = [COLUMNS[name][0] for name in REQUIRED if name not in found]
    if missing:
        words = "缺少列", "Columns are missing."
        raise Problems([_refusal(table.path, "price_columns", *words, "、".join(missing), "、".join(table.headers), table.header_row)])
    return found


def _price(table: Table, row: Row, columns: Mapping[str, int], wrong: list[LinliError]) -> NewPrice | None:
    values: dict[str, Any] = {}
    for name, index in columns.items():
        try:
            value = _READERS[name](row.cells[index])
            if value is None and name in REQUIRED:
                words = "必填项为空", "A required cell is empty."
                raise cells.wrong("required", *words, COLUMNS[name][0], ("空", "empty"), ("补填", "fill it in"))
            values[name] = value
        except LinliError as error:
            wrong.append(error.at(table.place(row, index)))
    first, last = values.get("valid_from"), values.get("valid_to")
    if first and last and last < first:
        words = "终止日期早于起始日期", "It ends before it begins."
        wrong.append(cells.wrong("backwards", *words, f"≥ {first}", str(last), ("核对两个日期", "check both dates")).at(_at(table, row)))
    if wrong:
        return None
    return NewPrice(row.number, values["code"], values.get("level") or "", values["name"], values["unit"], values["fen"], first, last)


_READERS: dict[str, Callable[[Cell], Any]] = {
    "code": lambda cell: cells.text(cell, longest=40),
    "name": lambda cell: cells.text(cell, longest=200),
    "unit": lambda cell: cells.text(cell, longest=40),
    "fen": lambda cell: cells.money(cell, minimum=0, maximum=DEAREST),
    "level": lambda cell: cells.choice(cell, LEVELS),
    "valid_from": cells.day,
    "valid_to": cells.day,
}


def _at(table: Table, row: Row) -> Place:
    return Place(table.path.name, row.number)


def _refusal(path: Path, code: str, zh: str, en: str, expected: str | tuple[str, str], found: str, line: int | None = None) -> LinliError:
    wanted = expected if isinstance(expected, tuple) else (expected, expected)
    return LinliError(
        f"prices.{code}",
        zh=zh,
        en=en,
        place=Place(path.name, line),
        expected=wanted[1],
        expected_zh=wanted[0],
        found=found or None,
        remedy_zh="见 docs/registers.md 的“医疗服务价格”",
        remedy_en="see “Medical prices” in docs/registers.md",
    )


def overlaps(prices: list[NewPrice], effective_from: date, file: str) -> Iterator[LinliError]:
    """Rows of one file that give an item two prices on one day."""
    seen: dict[tuple[str, str], list[tuple[date, date, int]]] = {}
    for price in prices:
        first, last = reach(price.valid_from or effective_from, price.valid_to)
        others = seen.setdefault((price.code, price.level), [])
        for begin, end, row in others:
            if first <= end and begin <= last:
                yield overlapping(Place(file, price.row), price, f"第 {row} 行", f"row {row}")
        others.append((first, last, price.row))


def overlapping(place: Place, price: NewPrice, other_zh: str, other_en: str) -> LinliError:
    """A price whose days another one has."""
    return LinliError(
        "prices.overlap",
        zh=f"项目 {price.code} 的日期与{other_zh}重叠",
        en=f"The days of item {price.code} overlap those of {other_en}.",
        place=place,
        expected="one price on a day",
        expected_zh="一天只有一个价格",
        found=price.name,
        remedy_zh="改正起止日期；发布错了的版本先撤回",
        remedy_en="correct the days; withdraw a version that was published by mistake first",
    )
