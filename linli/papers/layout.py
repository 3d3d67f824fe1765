"""Where the cells of a sheet stand in the bytes of its part, so that one of them can be replaced and every other byte kept."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from linli.kernel.errors import Place
from linli.papers.package import damaged, local, safe_parser
from linli.papers.tables import column_index, refusal

_REFERENCE = re.compile(r"^([A-Z]{1,3})([0-9]{1,7})$")
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*encoding=["']([A-Za-z0-9._-]+)["']""")


class Span(NamedTuple):
    """Bytes [start, end) of the part; open_end: where the start tag ends."""

    start: int
    open_end: int
    end: int


@dataclass(slots=True)
class CellAt:
    """A cell of the sheet. style: its number, "" for none. value: the bytes of its stored value, for a formula a mere memory of it."""

    span: Span
    style: str
    formula: bool = False
    filled: bool = False
    value: tuple[int, int] | None = None


@dataclass(slots=True)
class RowAt:
    """A row of the sheet with its cells by column (1-based)."""

    span: Span
    cells: dict[int, CellAt] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing but styles is in it."""
        return not any(cell.filled or cell.formula for cell in self.cells.values())


@dataclass(slots=True)
class Layout:
    """A sheet's rows (1-based). prefix: of the names of elements ("x:" or ""). data: of sheetData. drop: of the used range, which filling
    changes. merges: (first row, first column, last row, last column).
    """

    content: bytes
    prefix: str = ""
    data: Span = field(default=Span(0, 0, 0))
    rows: dict[int, RowAt] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    drop: Span | None = None

    def anchor_of(self, row: int, column: int) -> tuple[int, int]:
        """The cell that shows what is in a merged range; the cell itself outside any."""
        for top, left, bottom, right in self.merges:
            if top <= row <= bottom and left <= column <= right:
                return top, left
        return row, column

    def speaks_of(self, row: int, column: int) -> bool:
        """Whether the sheet has a cell in that row or that column, or none at all: an address without is a slip of the pen."""
        if not any(one.cells for one in self.rows.values()):
            return True
        return bool(row in self.rows and self.rows[row].cells) or any(column in one.cells for one in self.rows.values())

    def results(self) -> list[tuple[int, int]]:
        """The bytes of the results that formulas remember, in order."""
        cells = (cell for row in self.rows.values() for cell in row.cells.values())
        return sorted(cell.value for cell in cells if cell.formula and cell.value)


def coordinates(reference: str) -> tuple[int, int]:
    """(row, column) of "B5", both 1-based; raises ValueError."""
    found = _REFERENCE.match(reference)
    if found is None or not 1 <= int(found[2]) <= 1_048_576:
        raise ValueError(reference)
    return int(found[2]), column_index(found[1]) + 1


def read_layout(content: bytes, path: Path) -> Layout:
    """Walk a sheet's part once. Raises LinliError where it isn't UTF-8, or is no sheet."""
    declared = _DECLARED.match(content[:200])
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or (declared and declared[1].lower() not in (b"utf-8", b"us-ascii")):
        raise refusal(
            "encoding",
            "工作表不是 UTF-8 编码",
            "A sheet is not in UTF-8.",
            Place(file=path.name),
            remedy=("用表格软件另存为 .xlsx 后重新提交", "save it as .xlsx in a spreadsheet program and send it again"),
        )
    return _Walk(content, path).layout


class _Walk:
    """One pass of the parser over the part."""

    def __init__(self, content: bytes, path: Path) -> None:
        self.layout = Layout(content)
        self._path = path
        self._open: list[tuple[str, int, int]] = []
        self._row = self._column = 0
        self._cell: CellAt | None = None
        self._seen = False
        self._parser = safe_parser(path)
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        try:
            self._parser.Parse(content, True)
        except Exception as error:
            if type(error).__name__ == "ExpatError":
                raise damaged(path) from None
            raise
        if not self._seen:
            raise damaged(path, "sheetData")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        start = self._parser.CurrentByteIndex
        open_end = self._tag_end(start)
        short = local(name)
        self._open.append((short, start, open_end))
        if short == "row":
            said = attributes.get("r", str(self._row + 1))
            if not said.isdecimal() or len(said) > 7:
                raise damaged(self._path, said[:20])
            self._row = int(said)
            self._column = 0
            self.layout.rows[self._row] = RowAt(Span(start, open_end, open_end))
        elif short == "c" and self._row:
            self._start_cell(start, open_end, attributes)
        elif short == "f" and self._cell is not None:
            self._cell.formula = True
        elif short == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif short == "sheetData":
            self._seen, self.layout.prefix = True, name[: -len(short)]

    def _start_cell(self, start: int, open_end: int, attributes: dict[str, str]) -> None:
        try:
            self._column = coordinates(attributes["r"])[1] if "r" in attributes else self._column + 1
        except ValueError:
            raise damaged(self._path, attributes["r"]) from None
        self._cell = CellAt(Span(start, open_end, open_end), attributes.get("s", ""))
        self.layout.rows[self._row].cells[self._column] = self._cell

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        try:
            self.layout.merges.append((*coordinates(first), *coordinates(last or first)))
        except ValueError:
            raise damaged(self._path, reference) from None

    def _end(self, _name: str) -> None:
        short, start, open_end = self._open.pop()
        content = self.layout.content
        closed_itself = content[open_end - 2 : open_end] == b"/>"
        end = open_end if closed_itself else content.index(b">", self._parser.CurrentByteIndex) + 1
        span = Span(start, open_end, end)
        if short == "c" and self._cell is not None:
            self._cell.span, self._cell = span, None
        elif short == "v" and self._cell is not None:
            self._cell.filled, self._cell.value = True, (start, end)
        elif short == "is" and self._cell is not None:
            self._cell.filled = True
        elif short == "row":
            self.layout.rows[self._row].span = span
        elif short == "sheetData":
            self.layout.data = span
            self._row = 0
        elif short == "dimension":
            self.layout.drop = span

    def _tag_end(self, start: int) -> int:
        """Just behind the start tag: the first > outside quotes."""
        content, quote = self.layout.content, 0
        for place in range(start, len(content)):
            byte = content[place]
            if quote:
                quote = 0 if byte == quote else quote
            elif byte in b"\"'":
                quote = byte
            elif byte == 0x3E:
                return place + 1
        raise damaged(self._path)
