"""annotate: the file a department sent, with every wrong cell in red and commented, and a sheet that lists what to mend."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import chain
from pathlib import Path

from linli.kernel.errors import LinliError
from linli.papers.reading import read_table
from linli.papers.tables import Cell, Limits, Row, column_letters
from linli.papers.writing import Book, Value

_COMMENTS = 5_000
"""Comments kept in memory and drawn by the spreadsheet; further errors are red and listed."""

_RED = {"bg_color": "#F8D7D3", "font_color": "#8A1C0E", "border": 1, "border_color": "#C0392B", "num_format": "@"}
_SHEET = "问题清单 Errors"
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
    Raises what read_table raises when the table itself can't be read.
    """
    listed = sorted(errors, key=lambda error: _position(error))
    marks: dict[tuple[int, int], list[LinliError]] = defaultdict(list)
    for error in listed:
        marks[_position(error)].append(error)
    table = read_table(path_in, sheet=sheet, limits=limits)
    header = Row(table.header_row, tuple(Cell(name) for name in table.headers))
    with Book(Path(path_out)) as book:
        red = book.book.add_format(
            {"bg_color": "#F8D7D3", "font_color": "#8A1C0E", "border": 1, "border_color": "#C0392B", "num_format": "@"}
        )
        copy = book.add(table.sheet or "Sheet1")
        copy.set_column(0, max(len(table.headers) - 1, 0), 18)
        copy.freeze_panes(table.header_row, 0)
        commented = 0
        for row in chain(table.titles, (header,), table.rows):
            whole = marks.get((row.number, 0), [])
            for index, cell in enumerate(row.cells):
                wrong = [*marks.get((row.number, index + 1), []), *whole]
                look = red if wrong else (book.bold if row is header else None)
                book.value(copy, row.number - 1, index, _value(cell), look)
                if wrong and commented < _COMMENTS:
                    commented += 1
                    text = "\n".join(_comment(error) for error in wrong)
                    copy.write_comment(row.number - 1, index, text, {"x_scale": 2, "y_scale": 1.5})
        _list(book, listed)
    return len(marks)


def _list(book: Book, errors: list[LinliError]) -> None:
    book.table(_SHEET, _HEADERS, (_listed(error) for error in errors), widths=(8, 12, 18, 40, 36, 36, 40))


def _listed(error: LinliError) -> tuple[Value, ...]:
    row, column = _position(error)
    return (
        row or None,
        column_letters(column - 1) if column else None,
        error.place.field if error.place else None,
        f"{error.zh}\n{error.en}",
        error.expected,
        error.found,
        "\n".join(text for text in (error.remedy_zh, error.remedy_en) if text),
    )


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
