"""annotate: the file a department sent, with every wrong cell in red and commented, and a sheet that lists what to mend."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from linli.kernel.errors import LinliError
from linli.papers.reading import raw_rows
from linli.papers.tables import ERRORS_SHEET, Cell, Limits, column_letters
from linli.papers.writing import Book, Value

_COMMENTS = 5_000
"""Comments kept in memory and drawn by the spreadsheet; further errors are red and listed."""

_RED = {"bg_color": "#F8D7D3", "font_color": "#8A1C0E", "border": 1, "border_color": "#C0392B", "num_format": "@", "quote_prefix": True}
Marks = dict[int, dict[int, list[LinliError]]]
"""Errors by row and column; column 0 is the whole row."""
_HEADERS = ("行 Row", "列 Column", "列名 Header", "问题 Problem", "应为 Expected", "实为 Found", "处理办法 Remedy")


def annotate(
    path_in: Path | str,
    path_out: Path | str,
    errors: Iterable[LinliError],
    *,
    sheet: str | None = None,
    limits: Limits | None = None,
) -> int:
    """Write an xlsx copy of the table in path_in and return how many cells are marked. Rows keep their numbers.

    An error belongs to the cell named by place.line and place.column (1-based); without a column the whole row is marked.
    Comments and list are in Chinese and English: the file goes back to a department, whoever sends it.
    The file need not be a proper table. Raises what read_table raises when it can't be read at all.
    """
    listed = sorted(errors, key=lambda error: _position(error))
    marks: Marks = defaultdict(lambda: defaultdict(list))
    for error in listed:
        row, column = _position(error)
        marks[row][column].append(error)
    name, rows = raw_rows(path_in, sheet=sheet, limits=limits)
    with Book(Path(path_out)) as book:
        _copy(book, book.add(name or "Sheet1"), rows, marks)
        _list(book, listed)
    return sum(len(columns) for columns in marks.values())


def _copy(book: Book, copy: Any, rows: Iterable[tuple[int, list[Cell]]], marks: Marks) -> None:
    """Every row at its number. The first with more than one text is taken for the header: the file need not be a proper table."""
    red = book.book.add_format(_RED)
    header = width = commented = 0
    for number, cells in rows:
        if not header and sum(1 for cell in cells if cell.text.strip()) > 1:
            header, width = number, len(cells)
            copy.set_column(0, width - 1, 18)
            copy.freeze_panes(number, 0)
        wrong = marks.get(number, {})
        for index in range(max(len(cells), *wrong, width if 0 in wrong else 0) if wrong else len(cells)):
            errors = [*wrong.get(index + 1, ()), *wrong.get(0, ())]
            look = red if errors else (book.bold if number == header else None)
            book.value(copy, number - 1, index, _value(cells[index]) if index < len(cells) else None, look)
            if errors and commented < _COMMENTS:
                commented += 1
                text = "\n".join(_comment(error) for error in errors)
                copy.write_comment(number - 1, index, text, {"x_scale": 2, "y_scale": 1.5})


def _list(book: Book, errors: list[LinliError]) -> None:
    book.table(ERRORS_SHEET, _HEADERS, (_listed(error) for error in errors), widths=(8, 12, 18, 40, 36, 36, 40))


def _listed(error: LinliError) -> tuple[Value, ...]:
    row, column = _position(error)
    return (
        row or None,
        column_letters(column - 1) if column else None,
        error.place.field if error.place else None,
        f"{error.zh}\n{error.en}",
        _both(error.facing("zh")[0], error.expected),
        _both(error.facing("zh")[1], error.found),
        _both(error.remedy_zh, error.remedy_en),
    )


def _both(zh: str | None, en: str | None) -> str | None:
    """Chinese above English; once where both say the same."""
    return "\n".join(dict.fromkeys(text for text in (zh, en) if text)) or None


def _comment(error: LinliError) -> str:
    """The message without its place, which the comment's own cell already shows."""
    problem, *rest = _listed(error)[3:]
    labels = ("应为 Expected: ", "实为 Found: ", "处理 Remedy: ")
    return "\n".join([str(problem), *(f"{label}{text}" for label, text in zip(labels, rest, strict=True) if text)])


def _position(error: LinliError) -> tuple[int, int]:
    return (error.place.line or 0, error.place.column or 0) if error.place else (0, 0)


def _value(cell: Cell) -> Value:
    if cell.kind == "number":
        number = Decimal(cell.text)
        return int(number) if number == number.to_integral_value() and abs(number) < 10**15 else cell.text
    if cell.kind == "date" and len(cell.text) == 10:
        return date.fromisoformat(cell.text)
    return cell.text
