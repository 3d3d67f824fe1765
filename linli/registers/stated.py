"""What lists and forms of windows and places have in common: text in, checked values out, each refusal with its cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TypeVar

from linli.kernel.dates import day_from_text
from linli.kernel.errors import LinliError, Place, Problems
from linli.kernel.positions import Position, position
from linli.papers import read_table

T = TypeVar("T")
AREA_LENGTHS = (4, 6, 9, 12)
PHONE = re.compile(r"[0-9+()（）\- 转]{3,30}")


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of list. columns: column of the list -> field, as a form names it; optional: columns that a list need not have.

    slug: what its errors' codes begin with; words: what is said of a row that is wrong; most: rows of a list.
    """

    slug: str
    words: tuple[str, str]
    columns: Mapping[str, str]
    optional: Collection[str]
    most: int

    def wrong(
        self, field: str, expected: str | tuple[str, str], found: str, file: str | None = None, line: int | None = None
    ) -> LinliError:
        """The refusal of one cell."""
        return LinliError(
            f"{self.slug}.malformed",
            zh=self.words[0],
            en=self.words[1],
            place=Place(file, line, field=field),
            expected=expected,
            found=found or "—",
            remedy_zh="改正后重试",
            remedy_en="mend it and try again",
        )

    def texts(self, values: Mapping[str, str]) -> dict[str, str]:
        """Every field's text, "" where none is given."""
        return {name: values.get(name, "").strip() for name in self.columns.values()}

    def lengths(self, texts: Mapping[str, str], longest: Mapping[str, int], required: Collection[str]) -> list[LinliError]:
        """Refusals of texts that are too long, and of missing ones."""
        return [
            self.wrong(name, (f"1 至 {most} 个字", f"1 to {most} characters"), texts[name][:40])
            for name, most in longest.items()
            if len(texts[name]) > most or (name in required and not texts[name])
        ]

    def area(self, code: str) -> list[LinliError]:
        """The refusal of what is no division code down to the village."""
        if len(code) in AREA_LENGTHS and code.isascii() and code.isdigit():
            return []
        return [self.wrong("area_code", ("4、6、9 或 12 位区划代码", "a division code of 4, 6, 9 or 12 digits"), code)]

    def position(self, texts: Mapping[str, str]) -> Position:
        """The place that lon, lat and system say, in WGS-84."""
        degrees = []
        for name in ("lon", "lat"):
            try:
                degrees.append(float(Decimal(texts[name])))
            except ArithmeticError:
                raise self.wrong(name, ("以度为单位的小数", "degrees as a decimal number"), texts[name]) from None
        return position(degrees[0], degrees[1], texts["system"])

    def day(self, field: str, text: str) -> date | None:
        """A day, None for none."""
        if not text:
            return None
        try:
            return day_from_text(text)
        except ValueError:
            raise self.wrong(field, ("日期，如 2026-12-05", "a day, such as 2026-12-05"), text) from None

    def read(self, path: Path, one: Callable[[Mapping[str, str]], T]) -> list[T]:
        """The rows of an xlsx or csv, each as one() reads it. Raises Problems with every wrong cell, at most one per field."""
        table = read_table(path)
        missing = [column for column in self.columns if column not in table.headers and column not in self.optional]
        if missing:
            raise Problems([self._columns(path, table.header_row, missing, table.headers)])
        found: list[T] = []
        problems: list[LinliError] = []
        seen: set[str] = set()
        for number, row in enumerate(table.rows):
            if number == self.most:
                raise Problems(
                    [self.wrong("code", (f"最多 {self.most} 行", f"{self.most} rows at most"), str(row.number), path.name, row.number)]
                )
            values = {self.columns[name]: cell.text for name, cell in zip(table.headers, row.cells, strict=True) if name in self.columns}
            code = values["code"].strip()
            if code in seen:
                problems.append(self.wrong(self.column("code"), ("每个编号只出现一次", "each number once"), code, path.name, row.number))
            seen.add(code)
            try:
                found.append(one(values))
            except Problems as wrong:
                problems += [
                    problem.at(Place(path.name, row.number, field=self.column(problem.place.field if problem.place else "")))
                    for problem in wrong.problems
                ]
        if problems:
            raise Problems(problems)
        return found

    def rows(self, path: Path) -> tuple[tuple[str, ...], list[int]]:
        """The headers of a list, and the number of each of its rows in the file, one more than may be read at most."""
        table = read_table(path)
        return table.headers, [row.number for row in islice(table.rows, self.most + 1)]

    def column(self, field: str | None) -> str:
        """The column of a list that has a field."""
        return next((column for column, name in self.columns.items() if name == field), field or "")

    def _columns(self, path: Path, line: int, missing: list[str], headers: tuple[str, ...]) -> LinliError:
        return LinliError(
            f"{self.slug}.no_column",
            zh="表格缺少必需的列",
            en="The table lacks a column.",
            place=Place(path.name, line),
            expected="、".join(missing),
            found="、".join(headers),
            remedy_zh="补上这些列；列名见 docs/registers.md",
            remedy_en="add these columns; docs/registers.md names them all",
        )


def checked(problems: list[LinliError], name: str, read: Callable[[], T]) -> T | None:
    """What read() returns; None where it refuses, with the refusal noted at its own field or else at this one."""
    try:
        return read()
    except LinliError as problem:
        problems.append(problem.at(Place(field=problem.place.field if problem.place and problem.place.field else name)))
        return None
