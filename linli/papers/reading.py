"""read_table: one table out of a file, whatever it is called; what it really is decides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from linli.kernel.errors import LinliError, Place
from linli.papers.delimited import csv_rows
from linli.papers.package import Package, damaged
from linli.papers.tables import EMPTY, ERRORS_SHEET, Cell, Limits, Merged, Row, Table, column_index, refusal
from linli.papers.workbook import Sheet, Workbook, open_workbook
from linli.papers.worksheet import RawRow, SheetCells, merged

_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_SPREADSHEETS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".xltx", ".et")
_BETWEEN_CJK = re.compile(r"(?<=[\u3400-\u9fff（）])\s+(?=[\u3400-\u9fff（）])")
_RANGE = re.compile(r"([A-Z]+)([0-9]+)(?::([A-Z]+)([0-9]+))?")


@dataclass(frozen=True, slots=True)
class _Source:
    """An opened sheet or csv file: its name, its rows as they stand, its merged ranges."""

    path: Path
    sheet: str
    raw: Iterator[RawRow]
    merges: frozenset[str] = frozenset()


def read_table(path: Path | str, *, sheet: str | None = None, limits: Limits | None = None, allow_merged: bool = False) -> Table:
    """Open a table of an xlsx or csv file. Rows come lazily, in bounded memory; walk them once.

    The first row is the header, after any title rows (one text in a merged range). Hidden sheets are not read; if several
    visible ones hold data, `sheet` must name one; the list of errors in an annotated copy doesn't count. allow_merged: merged cells
    below the header are told in Table.merged instead of being refused, so that the other errors of the file are found too.
    Raises LinliError, with the place, for everything that is refused.
    """
    done = [0.0]
    return _assembled(_opened(Path(path), sheet, limits or Limits(), done), allow_merged, done)


def raw_rows(path: Path | str, *, sheet: str | None = None, limits: Limits | None = None) -> tuple[str, Iterator[RawRow]]:
    """The sheet's name and every row that holds anything, whatever it looks like: for a copy of a file that is no proper table."""
    source = _opened(Path(path), sheet, limits or Limits(), [0.0])
    return source.sheet, source.raw


def _opened(path: Path, sheet: str | None, limits: Limits, done: list[float]) -> _Source:
    if not path.is_file():
        raise refusal("no_file", "文件不存在", "There is no such file.", Place(file=str(path)), remedy=("检查文件名", "check the name"))
    with path.open("rb") as file:
        start = file.read(4)
    if start not in _STARTS:
        if path.suffix.lower() in _SPREADSHEETS:
            raise damaged(path)
        return _Source(path, "", csv_rows(path, limits, done))
    package = Package(path, limits)
    try:
        workbook = open_workbook(package)
        chosen = _chosen(package, workbook, sheet)
        cells = SheetCells(package, workbook, chosen, done)
        return _Source(path, chosen.name, _closing(package, cells), cells.merges)
    except LinliError:
        package.close()
        raise


def _closing(package: Package, cells: SheetCells) -> Iterator[RawRow]:
    with package:
        yield from cells.rows()


def _chosen(package: Package, workbook: Workbook, name: str | None) -> Sheet:
    place = Place(file=package.path.name)
    names = ", ".join(sheet.name for sheet in workbook.sheets)
    if name is not None:
        for sheet in workbook.sheets:
            if sheet.name == name:
                return sheet
        raise refusal("no_sheet", "没有这个工作表", "There is no such sheet.", place, expected=names, found=name)
    filled = _filled(package, workbook)
    if not filled:
        raise _empty(place)
    if len(filled) > 1:
        raise refusal(
            "several_sheets",
            "有多个工作表含有数据",
            "Several sheets hold data.",
            place,
            expected=("一个工作表", "one sheet"),
            found=", ".join(sheet.name for sheet in filled),
            remedy=("用 --sheet 指定一个工作表", "name one with --sheet"),
        )
    return filled[0]


def _filled(package: Package, workbook: Workbook) -> list[Sheet]:
    """Sheets with anything in them; beside others, the list of errors of an annotated copy is none."""
    filled = [sheet for sheet in workbook.sheets if next(SheetCells(package, workbook, sheet, [0.0]).rows(), None)]
    return [sheet for sheet in filled if sheet.name != ERRORS_SHEET] or filled


def filled_sheets(path: Path) -> list[str]:
    """Names of an xlsx file's sheets that hold data, to choose one from."""
    with Package(path, Limits()) as package:
        return [sheet.name for sheet in _filled(package, open_workbook(package))]


def _empty(place: Place) -> LinliError:
    return refusal(
        "empty", "文件中没有数据", "The file holds no data.", place, remedy=("检查是否选错文件", "check that it is the right file")
    )


def _assembled(source: _Source, allow_merged: bool, done: list[float]) -> Table:
    path, sheet = source.path, source.sheet
    titles: list[Row] = []
    areas = {_bounds(text): text for text in source.merges}
    for number, cells in source.raw:
        filled = [index for index, cell in enumerate(cells) if cell.text.strip()]
        if len(filled) == 1 and any(top <= number <= bottom and left <= filled[0] <= right for left, top, right, bottom in areas):
            titles.append(Row(number, tuple(cells)))
            continue
        if not filled:
            continue
        inside = {bounds: text for bounds, text in areas.items() if bounds[3] >= number}
        refused = [text for (_, top, _, _), text in inside.items() if top <= number or not allow_merged]
        if refused:
            raise merged(Place(file=path.name, line=number, field=sheet or None), ", ".join(sorted(refused)))
        headers = _headers(Place(file=path.name, line=number), cells)
        ranges = sorted(Merged(top, bottom, left, text) for (left, top, _, bottom), text in inside.items())
        return Table(path, sheet, headers, number, tuple(titles), _body(path, source.raw, headers), tuple(ranges), done)
    raise _empty(Place(file=path.name, field=sheet or None))


def _bounds(text: str) -> tuple[int, int, int, int]:
    match = _RANGE.fullmatch(text)
    if match is None:
        return (0, 0, 2**20, 2**20)
    left, top, right, bottom = match[1], int(match[2]), match[3] or match[1], int(match[4] or match[2])
    return (column_index(left), top, column_index(right), bottom)


def _headers(place: Place, cells: list[Cell]) -> tuple[str, ...]:
    names = [header_text(cell.text) for cell in cells]
    while names and not names[-1]:
        names.pop()
    for index, (name, cell) in enumerate(zip(names, cells, strict=False)):
        at = Place(file=place.file, line=place.line, column=index + 1)
        if not name or cell.kind != "text":
            raise refusal(
                "bad_header",
                "表头为空或不是文字",
                "A header is blank or not text.",
                at,
                expected=("每一列都有列名", "a name for every column"),
                found=repr(cell.text),
                remedy=("为每一列填写列名", "give every column a name"),
            )
        if name in names[:index]:
            raise refusal(
                "double_header",
                "列名重复",
                "Two columns have the same name.",
                at,
                found=name,
                remedy=("改名或删去重复的列", "rename or remove one of them"),
            )
    return tuple(names)


def header_text(text: str) -> str:
    """A column's name on one line: line breaks and runs of spaces become one space, between Chinese characters none."""
    return _BETWEEN_CJK.sub("", " ".join(text.split()))


def _body(path: Path, raw: Iterator[RawRow], headers: tuple[str, ...]) -> Iterator[Row]:
    width = len(headers)
    for number, cells in raw:
        if len(cells) > width:
            outside = next((index for index in range(width, len(cells)) if cells[index].text.strip()), None)
            if outside is not None:
                raise refusal(
                    "outside",
                    "表格之外有内容",
                    "There is a value outside the table.",
                    Place(file=path.name, line=number, column=outside + 1),
                    expected=(f"{width} 列", f"{width} columns"),
                    found=repr(cells[outside].text[:40]),
                    remedy=("为该列补上列名，或删去该内容", "give that column a name or remove the value"),
                )
        yield Row(number, (*cells[:width], *[EMPTY] * (width - len(cells))))
