"""A sheet's cells, pulled from the XML a block at a time: a million rows need no more memory than one.

python-calamine loads a sheet whole and hides formulas and a number's written digits, so sheets are read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Context, Decimal, InvalidOperation
from pathlib import Path
from xml.parsers import expat

from linli.kernel.errors import LinliError, Place
from linli.papers.package import Package, damaged, local, safe_parser
from linli.papers.tables import EMPTY, Cell, column_index, column_letters, refusal
from linli.papers.workbook import Sheet, Workbook, unescaped

RawRow = tuple[int, list[Cell]]

_FIFTEEN_DIGITS = Context(prec=15)
"""What Excel shows and keeps of a number; 4000.0999999999999 in the XML is 4000.1 to its author."""
_SHEET_END = re.compile(rb"</(?:[\w.-]+:)?sheetData\s*>")
_MERGE = re.compile(rb"<(?:[\w.-]+:)?mergeCell\s[^>]*?\bref=[\"']([A-Z0-9:]+)[\"']")
_TAIL_BYTES = 16 * 2**20


class SheetCells:
    """Walks one sheet. `merges` are found at once, before any row is given; `fraction` is the share read."""

    def __init__(self, package: Package, workbook: Workbook, sheet: Sheet, done: list[float]) -> None:
        self._package, self._texts, self._days = package, workbook.texts, workbook.date_styles
        self._sheet, self._done = sheet, done
        self.path: Path = package.path
        self.merges = self._find_merges()
        self._rows: list[RawRow] = []
        self._cells: list[Cell] = []
        self._number = 0
        self._column = -1
        self._type, self._style = "n", 0
        self._value = self._formula = ""
        self._has_formula = False
        self._phonetic = 0
        self._text: list[str] = []

    def rows(self) -> Iterator[RawRow]:
        """Rows that hold anything, in order, as dense lists of cells."""
        parser = safe_parser(self.path)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        size, read = max(self._package.size(self._sheet.part), 1), 0
        try:
            for block in self._package.blocks(self._sheet.part):
                parser.Parse(block, False)
                read += len(block)
                self._done[0] = read / size
                yield from self._rows
                self._rows.clear()
            parser.Parse(b"", True)
        except expat.ExpatError:
            raise damaged(self.path, self._sheet.name) from None
        yield from self._rows

    def _find_merges(self) -> frozenset[str]:
        """Merged ranges stand after the cells: scan the raw bytes for them, so that nothing is read from a sheet that is refused."""
        tail, kept = b"", bytearray()
        for block in self._package.blocks(self._sheet.part):
            if kept:
                kept += block
            else:
                match = _SHEET_END.search(tail + block)
                kept += (tail + block)[match.end() :] if match else b""
                tail = block[-64:]
            if len(kept) > _TAIL_BYTES:
                raise damaged(self.path, self._sheet.name)
        return frozenset(found.decode() for found in _MERGE.findall(kept))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name) if ":" in name else name
        if name == "c":
            self._start_cell(attributes)
        elif name in ("v", "f", "t"):
            self._text.clear()
        elif name == "row":
            self._start_row(attributes)
        elif name == "rPh":
            self._phonetic += 1
        elif name == "mergeCell" and attributes.get("ref") not in self.merges:
            raise merged(self._place(), attributes.get("ref", ""))

    def _start_row(self, attributes: dict[str, str]) -> None:
        text = attributes.get("r", str(self._number + 1))
        number = int(text) if text.isdecimal() and len(text) < 9 else 0
        if number <= self._number:
            raise damaged(self.path, self._sheet.name)
        self._number, self._column = number, -1
        self._cells = []
        if number > self._package.limits.rows:
            raise too_many_rows(self._place(), self._package.limits.rows)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference is None:
            self._column += 1
        else:
            index = column_index(reference.rstrip("0123456789"))
            if index <= self._column or not reference[:1].isascii() or not reference[:1].isupper():
                raise damaged(self.path, self._sheet.name)
            self._column = index
        style = attributes.get("s", "0")
        self._style = int(style) if style.isdecimal() and len(style) < 9 else 0
        self._type = attributes.get("t", "n")
        self._value, self._formula, self._has_formula = "", "", False

    def _end(self, name: str) -> None:
        name = local(name) if ":" in name else name
        if name == "v":
            self._value = "".join(self._text)
        elif name == "c":
            self._end_cell()
        elif name == "t":
            if not self._phonetic:
                self._value += "".join(self._text)
        elif name == "f":
            self._formula, self._has_formula = "".join(self._text), True
        elif name == "row":
            if self._cells:
                self._rows.append((self._number, self._cells))
        elif name == "rPh":
            self._phonetic -= 1

    def _end_cell(self) -> None:
        if not self._value and not self._has_formula:
            return
        cell = self._cell()
        if not cell.text:
            return
        if self._column >= self._package.limits.columns or len(cell.text) > self._package.limits.cell_characters:
            raise too_wide(self._place(), self._package.limits.columns, self._package.limits.cell_characters)
        gap = self._column - len(self._cells)
        if gap:
            self._cells.extend([EMPTY] * gap)
        self._cells.append(cell)

    def _cell(self) -> Cell:
        if self._has_formula:
            return Cell(f"={self._formula[:200]}", "formula")
        kind, value = self._type, self._value
        if kind == "s":
            return Cell(self._texts[int(value)] if value.isdecimal() and len(value) < 12 else "")
        if kind in ("inlineStr", "str"):
            return Cell(unescaped(value))
        if kind == "b":
            return Cell("TRUE" if value.strip() == "1" else "FALSE", "boolean")
        if kind == "e":
            return Cell(value, "error")
        if kind == "d":
            return Cell(value[:10] if value[10:] in ("", "T00:00:00", "T00:00:00.000") else value, "date")
        return number_cell(value, is_day=self._style in self._days) or self._refuse_number()

    def _refuse_number(self) -> Cell:
        raise damaged(self.path, f"{self._sheet.name}!{column_letters(self._column)}{self._number}")

    def _place(self) -> Place:
        return Place(file=self.path.name, line=self._number, column=self._column + 1, field=self._sheet.name)


def number_cell(text: str, *, is_day: bool) -> Cell | None:
    """A number as its author sees it; None if the text is no number. Beyond 15 digits its end is lost (Excel keeps no more)."""
    if not is_day and len(text) < 16 and text.isascii() and text.isdigit():
        return Cell(str(int(text)), "number")
    try:
        number = _FIFTEEN_DIGITS.create_decimal(text)
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number.adjusted()) > 308:
        return None
    if is_day and 1 <= number < 2_958_466:
        return Cell(_day_text(number), "date")
    if number and number.adjusted() >= 15:
        return Cell(format(number, "f"), "lost")
    plain = format(number, "f")
    return Cell((plain.rstrip("0").rstrip(".") if "." in plain else plain) or "0", "number")


def _day_text(serial: Decimal) -> str:
    """ISO form of a serial day. Day 60 is the 29 February 1900 that never was: earlier days count from one later origin."""
    origin = datetime(1899, 12, 31 if serial < 60 else 30)  # noqa: DTZ001 - a calendar day, no instant
    instant = origin + timedelta(seconds=round(serial * 86_400))
    return instant.date().isoformat() if not (instant.hour or instant.minute or instant.second) else instant.isoformat()


def merged(place: Place, ranges: str) -> LinliError:
    """Merged cells where data are expected."""
    return refusal(
        "merged",
        "表头或数据区有合并单元格",
        "There are merged cells in the header or the data.",
        place,
        expected=("一格一个值", "one value per cell"),
        found=ranges,
        remedy=("取消合并并逐格填写", "unmerge them and fill in every cell"),
    )


def too_many_rows(place: Place, rows: int) -> LinliError:
    """More rows than the limit."""
    return refusal(
        "too_many_rows",
        "行数超过上限",
        "Too many rows.",
        place,
        expected=(f"最多 {rows} 行", f"at most {rows}"),
        remedy=("分成几个文件提交", "split it into several files"),
    )


def too_wide(place: Place, columns: int, characters: int) -> LinliError:
    """A column or a cell beyond the limit."""
    return refusal(
        "too_wide",
        "列数或单元格文字超过上限",
        "Too many columns, or too much text in a cell.",
        place,
        expected=(f"最多 {columns} 列，每格最多 {characters} 字", f"at most {columns} columns and {characters} characters in a cell"),
        remedy=("删去多余的列和文字", "remove what does not belong to the table"),
    )
