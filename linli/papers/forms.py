"""A superior organ's own workbook: what it holds, which of its cells may be filled, and filling them with every other byte kept.

Only the cells that are filled change: styles, merged cells, formulas, pictures, charts, validations and hidden sheets stay as they
came, because their parts are copied. Formulas lose the results that they remembered and are worked out when the file is opened.
"""

from __future__ import annotations

import re
import zipfile
from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from linli.kernel.errors import LinliError, Place
from linli.papers.layout import Layout, coordinates, read_layout
from linli.papers.package import Package, relative
from linli.papers.reaching import refuse_outward
from linli.papers.stencil import row_bytes
from linli.papers.tables import Limits, column_letters, refusal
from linli.papers.workbook import open_workbook, relationships, workbook_part
from linli.papers.worksheet import SheetCells
from linli.papers.writing import Value

LIMITS = Limits(file_bytes=4 * 2**20, unpacked_bytes=64 * 2**20, text_bytes=16 * 2**20, ratio=400)
LAST_ROW = 1_048_576
_TARGET = re.compile(r"^(?:'((?:[^']|'')+)'|([^'!]+))!(.+)$")
_CALC = re.compile(rb"<((?:\w+:)?)calcPr\b([^>]*?)(/?)>")
_FULL = re.compile(rb'\s+fullCalcOnLoad="[^"]*"')
_BEFORE_CALC = re.compile(rb"</((?:\w+:)?)(?:definedNames|externalReferences|sheets)>")


class Slot(NamedTuple):
    """One cell of a form: sheet, row and column (1-based)."""

    sheet: str
    row: int
    column: int

    @property
    def text(self) -> str:
        """As people write it: 表1!B5."""
        return f"{self.sheet}!{column_letters(self.column - 1)}{self.row}"


@dataclass(frozen=True, slots=True)
class Rows:
    """A table to be written below each other from row `first` of a sheet: one value for each column (1-based). Read as it is written."""

    sheet: str
    first: int
    columns: Sequence[int]
    rows: Iterable[Sequence[Value]]


class Form:
    """An opened template. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._package = Package(path, LIMITS)
        try:
            self._open()
        except LinliError:
            self._package.close()
            raise

    def _open(self) -> None:
        if any(name.startswith("_xmlsignatures/") for name in self._package.parts):
            raise refusal(
                "signed",
                "模板带有数字签名，填写后签名会失效",
                "The template carries a digital signature, which filling it would break.",
                Place(file=self.path.name),
                remedy=("请使用没有签名的模板", "use the template without its signature"),
            )
        self._workbook = open_workbook(self._package)
        self._book = workbook_part(self._package)
        self._parts = {sheet.name: sheet.part for sheet in self._workbook.sheets}
        folder, _, name = self._book.rpartition("/")
        told = relationships(self._package, f"{folder}/_rels/{name}.rels".lstrip("/"))
        self._hidden = {relative(folder, target) for kind, target in told.values() if kind == "worksheet"} - set(self._parts.values())
        refuse_outward(self._package, self._titles({key: relative(folder, target) for key, (_kind, target) in told.items()}))
        self._names = self._defined_names()
        self._layouts: dict[str, Layout] = {}

    def __enter__(self) -> Form:
        return self

    def __exit__(self, *_: object) -> None:
        self._package.close()

    @property
    def sheets(self) -> tuple[str, ...]:
        """The visible sheets in their order."""
        return tuple(self._parts)

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the workbook gives to single cells."""
        return tuple(sorted(self._names))

    def _titles(self, targets: Mapping[str, str]) -> dict[str, str]:
        """The name of every sheet by its part, of hidden ones too. targets: part by the relationship's id."""
        found: dict[str, str] = {}

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == "sheet" and attributes.get("id") in targets:
                found[targets[attributes["id"]]] = attributes.get("name", "")

        self._package.parse(self._book, start)
        return found

    def _defined_names(self) -> dict[str, str]:
        found: dict[str, str] = {}
        current: list[str] = [""]

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == "definedName":
                current[0] = attributes.get("name", "") if attributes.get("hidden", "0") not in ("1", "true") else ""

        def end(name: str, text: str) -> None:
            if name == "definedName" and current[0] and _TARGET.match(text) and ":" not in text:
                found[current[0]] = text.replace("$", "")

        self._package.parse(self._book, start, end)
        return found

    def layout(self, sheet: str) -> Layout:
        """Where the cells of a sheet are; read once."""
        if sheet not in self._layouts:
            self._layouts[sheet] = read_layout(b"".join(self._package.blocks(self._parts[sheet])), self.path)
        return self._layouts[sheet]

    def slot(self, target: str) -> Slot:
        """The cell that "B5", "表1!B5" or a defined name means; LinliError where there is none that can be filled."""
        wanted = self._names.get(target.strip(), target.strip())
        match = _TARGET.match(wanted)
        sheet = (match[1] or match[2]).replace("''", "'") if match else self.sheets[0]
        try:
            row, column = coordinates((match[3] if match else wanted).replace("$", "").upper())
        except ValueError:
            raise self._unknown(target) from None
        if sheet not in self._parts:
            raise self._unknown(target)
        found = Slot(sheet, row, column)
        self.check(found)
        return found

    def _unknown(self, target: str) -> LinliError:
        return refusal(
            "no_such_cell",
            f"模板里没有“{target}”",
            f"The template has no “{target}”.",
            Place(file=self.path.name, field=target),
            expected="、".join((*self.sheets, *self.names))[:300],
            found=target,
            remedy=("写单元格（如 B5、表1!B5）或模板里定义的名称", "write a cell (B5, Sheet1!B5) or a name that the template defines"),
        )

    def check(self, slot: Slot) -> None:
        """Raise LinliError for a cell whose content filling would lose: a formula, or a merged cell that does not show."""
        layout = self.layout(slot.sheet)
        anchor = layout.anchor_of(slot.row, slot.column)
        if anchor != (slot.row, slot.column):
            shown = Slot(slot.sheet, *anchor).text
            words = ("单元格被合并，不显示内容", "The cell is merged into another and shows nothing.")
            raise self._refused("merged_slot", slot, words, shown)
        named = {target.replace("'", "") for target in self._names.values()}
        if not layout.speaks_of(slot.row, slot.column) and slot.text not in named:
            words = ("模板的这一行和这一列都没有内容", "The template has nothing in that row nor in that column.")
            raise self._refused("empty_slot", slot, words, "")
        row = layout.rows.get(slot.row)
        cell = row.cells.get(slot.column) if row else None
        if cell is not None and cell.formula:
            words = ("单元格里是公式，填写会丢掉它", "The cell holds a formula, which filling it would lose.")
            raise self._refused("formula_slot", slot, words, "")

    def _refused(self, code: str, slot: Slot, words: tuple[str, str], expected: str) -> LinliError:
        zh, en = words
        return refusal(
            code,
            f"{slot.text}：{zh}",
            f"{slot.text}: {en}",
            Place(file=self.path.name, line=slot.row, column=slot.column, field=slot.text),
            expected=expected or None,
            found=slot.text,
            remedy=("换一个单元格", "name another cell"),
        )

    def texts(self, sheet: str) -> dict[tuple[int, int], str]:
        """What a sheet says by (row, column), for finding a row by its label. Formulas are left out."""
        chosen = next(one for one in self._workbook.sheets if one.name == sheet)
        rows = SheetCells(self._package, self._workbook, chosen, [0.0]).rows()
        return {
            (number, column): cell.text
            for number, cells in rows
            for column, cell in enumerate(cells, start=1)
            if cell.text and cell.kind != "formula"
        }

    def fill(self, out: Path, values: Mapping[Slot, Value], table: Rows | None = None) -> int:
        """Write a filled copy and return the number of rows of the table. Memory does not grow with them.

        Raises LinliError for a cell that may not be filled, before or while writing: what was written then is a draft to be thrown away.
        """
        for slot in values:
            self.check(slot)
        self._written = 0
        sheets = {part: name for name, part in self._parts.items()}
        with zipfile.ZipFile(out, "w") as target:
            for name in self._package.parts:
                entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                with target.open(entry, "w", force_zip64=True) as stream:
                    for block in self._blocks(name, sheets.get(name), values, table):
                        stream.write(block)
        return self._written

    def _blocks(self, part: str, sheet: str | None, values: Mapping[Slot, Value], table: Rows | None) -> Iterable[bytes]:
        if part == self._book:
            return [recalculating(b"".join(self._package.blocks(part)))]
        if sheet is None and part not in self._hidden:
            return self._package.blocks(part)
        layout = self.layout(sheet) if sheet else read_layout(b"".join(self._package.blocks(part)), self.path)
        mine = {(slot.row, slot.column): value for slot, value in values.items() if slot.sheet == sheet}
        return self._sheet(layout, mine, table if table and table.sheet == sheet else None)

    def _sheet(self, layout: Layout, values: dict[tuple[int, int], Value], table: Rows | None) -> Iterator[bytes]:
        """The part with its rows filled; what lies between them as it was."""
        content, results, at = layout.content, layout.results(), 0
        if layout.drop:
            yield content[: layout.drop.start]
            at = layout.drop.end
        if content[layout.data.open_end - 2 : layout.data.open_end] == b"/>":
            yield content[at : layout.data.open_end - 2] + b">"
            at = layout.data.end
            yield from (piece for _number, piece in self._rows(layout, values, table))
            yield f"</{layout.prefix}sheetData>".encode()
            yield content[at:]
            return
        for start, end, piece in self._pieces(layout, values, table):
            yield from without_results(content, results, at, start)
            yield piece
            at = end
        yield from without_results(content, results, at, len(content))

    def _pieces(self, layout: Layout, values: dict[tuple[int, int], Value], table: Rows | None) -> Iterator[tuple[int, int, bytes]]:
        """(start, end) of the bytes that each filled row replaces, with the row; a new row replaces nothing."""
        numbers = sorted(layout.rows)
        behind = layout.content.rindex(b"</", 0, layout.data.end)
        for number, piece in self._rows(layout, values, table):
            if number in layout.rows:
                span = layout.rows[number].span
                yield span.start, span.end, piece
            else:
                place = bisect(numbers, number)
                start = layout.rows[numbers[place]].span.start if place < len(numbers) else behind
                yield start, start, piece

    def _rows(self, layout: Layout, values: dict[tuple[int, int], Value], table: Rows | None) -> Iterator[tuple[int, bytes]]:
        """Every row that gets something, in order: single cells and the rows of the table."""
        single: dict[int, dict[int, Value]] = {}
        for (row, column), value in values.items():
            single.setdefault(row, {})[column] = value
        streams = merge(sorted(single.items()), self._table(layout, table) if table else (), key=itemgetter(0))
        pattern = layout.rows.get(table.first) if table else None
        for number, group in groupby(streams, key=itemgetter(0)):
            filled = {column: value for _row, cells in group for column, value in cells.items()}
            yield number, row_bytes(layout, number, filled, pattern, self._workbook.date_styles)

    def _table(self, layout: Layout, table: Rows) -> Iterator[tuple[int, dict[int, Value]]]:
        end = first_used(layout, table)
        for place, row in enumerate(table.rows):
            number = table.first + place
            if number >= end:
                raise self._no_room(table, end)
            self._written = place + 1
            yield number, dict(zip(table.columns, row, strict=True))

    def _no_room(self, table: Rows, end: int) -> LinliError:
        empty = end - table.first
        rows = f"{empty} empty row{'' if empty == 1 else 's'}"
        return refusal(
            "no_room",
            f"模板从第 {table.first} 行起只留了 {empty} 行空行，放不下全部人员",
            f"From row {table.first} on the template has {rows}: too few for everybody.",
            Place(file=self.path.name, line=end),
            expected=(f"多于 {empty} 行空行", f"more than {rows}"),
            found=f"{end}",
            remedy=(
                "在模板中多留空行，或把表尾移到表头上方",
                "leave more empty rows in the template, or move what follows above the table",
            ),
        )


def first_used(layout: Layout, table: Rows) -> int:
    """The first row from the table's on where one of its columns holds something, or a formula or a merged range stands."""
    wanted = set(table.columns)
    ends = [LAST_ROW + 1]
    for number, row in layout.rows.items():
        held = {column for column, cell in row.cells.items() if cell.filled}
        if number >= table.first and (held & wanted or any(cell.formula for cell in row.cells.values())):
            ends.append(number)
    ends += [max(top, table.first) for top, _left, bottom, _right in layout.merges if bottom >= table.first]
    return min(ends)


def without_results(content: bytes, results: Sequence[tuple[int, int]], start: int, end: int) -> Iterator[bytes]:
    """The bytes [start, end) without what formulas remember of their last results, which the filled cells have made wrong."""
    at = start
    for first, last in results[bisect(results, (start, start)) : bisect(results, (end, end))]:
        yield content[at:first]
        at = last
    yield content[at:end]


def recalculating(content: bytes) -> bytes:
    """The workbook's part with the order to work every formula out when it is opened."""
    found = _CALC.search(content)
    if found:
        kept = _FULL.sub(b"", found[2]).rstrip()
        element = b"<" + found[1] + b"calcPr" + kept + b' fullCalcOnLoad="1"' + found[3] + b">"
        return content[: found.start()] + element + content[found.end() :]
    last = list(_BEFORE_CALC.finditer(content))[-1]
    return content[: last.end()] + b"<" + last[1] + b'calcPr fullCalcOnLoad="1"/>' + content[last.end() :]
