"""write_table: rows into xlsx or csv as a stream, in such a way that no text ever becomes a formula.

xlsx: texts are written as texts, those that look like a formula also carry the quote prefix, so that editing the cell keeps it a
text. csv knows no types, so a text that starts with = + - @ tab or return gets an apostrophe before it, and so does one that
starts with an apostrophe before such a sign or a digit: reading with read_table gives back exactly what was written.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, count
from pathlib import Path

import xlsxwriter

from linli.kernel.clock import SHANGHAI

Value = str | int | bool | Decimal | date | datetime | None

# Spreadsheets set to an East Asian language read the full-width signs as the plain ones; a line break hides what follows.
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_MARKED = (*_RISKY, "'", *"0123456789")
_SHEET_ROWS = 1_048_575
"""Data rows a sheet can hold below its header."""
_EVERY = 5_000
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_NAME_LENGTH = 31


def write_table(
    path: Path | str,
    headers: Sequence[str],
    rows: Iterable[Sequence[Value]],
    *,
    sheet: str = "Sheet1",
    widths: Sequence[int] | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Write a table by its suffix (.xlsx or .csv) and return the number of rows. Memory does not grow with the rows.

    Money is given as Decimal yuan; whole numbers beyond 15 digits are written as text, since a spreadsheet would cut them;
    instants are shown in Asia/Shanghai. More rows than a sheet holds go on in a second sheet. progress(rows) every 5,000.
    """
    path = Path(path)
    if path.suffix.lower() == ".csv":
        return _write_csv(path, headers, rows, progress)
    with Book(path) as book:
        return book.table(sheet, headers, rows, widths=widths, progress=progress)


class Book:
    """A streaming xlsx writer; rows of a sheet are written in order and leave memory at once."""

    def __init__(self, path: Path) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
        # Rows wait in a file of their own until the end: beside the workbook, where whoever made the folder private made them so too.
        self.book = xlsxwriter.Workbook(str(path), {**options, "tmpdir": str(path.parent)})
        self._text = self.book.add_format({"num_format": "@"})
        self._quoted = self.book.add_format({"num_format": "@", "quote_prefix": True})
        self._day = self.book.add_format({"num_format": "yyyy-mm-dd"})
        self._instant = self.book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._amount = self.book.add_format({"num_format": "#,##0.00"})
        self.bold = self.book.add_format({"bold": True, "bg_color": "#EAF1EE", "text_wrap": True, "valign": "top", "quote_prefix": True})

    def __enter__(self) -> Book:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.book.close()
            return
        self.book.fileclosed = True  # what was broken off is not put together
        for sheet in self.book.worksheets():
            sheet.row_data_fh.close()
            Path(sheet.row_data_filename).unlink(missing_ok=True)

    def table(
        self,
        name: str,
        headers: Sequence[str],
        rows: Iterable[Sequence[Value]],
        *,
        widths: Sequence[int] | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> int:
        """A sheet with a header that stays in view and filters; continued in further sheets when full."""
        total = row = 0
        sheet = self.sheet(name, headers, widths)
        for values in rows:
            if row == _SHEET_ROWS:
                row = 0
                sheet = self.sheet(name, headers, widths)
            row += 1
            total += 1
            for column, value in enumerate(values):
                self.value(sheet, row, column, value)
            if total % _EVERY == 0:
                progress(total)
        progress(total)
        return total

    def add(self, name: str) -> xlsxwriter.worksheet.Worksheet:
        """An empty sheet under that name, or the nearest one that a workbook allows."""
        wanted = _FORBIDDEN.sub(" ", name).strip("' ")[:_NAME_LENGTH] or "Sheet"
        taken = {sheet.get_name().lower() for sheet in self.book.worksheets()}
        names = chain((wanted,), (f"{wanted[: _NAME_LENGTH - 5]} ({number})" for number in count(2)))
        return self.book.add_worksheet(next(name for name in names if name.lower() not in taken))

    def sheet(self, name: str, headers: Sequence[str], widths: Sequence[int] | None = None) -> xlsxwriter.worksheet.Worksheet:
        """An empty sheet with its header."""
        sheet = self.add(name)
        for column, header in enumerate(headers):
            width = widths[column] if widths else max(10, min(40, 2 * len(header) + 4))
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, header, self.bold)
        sheet.freeze_panes(1, 0)
        if headers:
            sheet.autofilter(0, 0, _SHEET_ROWS, len(headers) - 1)
        return sheet

    def value(self, sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: Value, look: object = None) -> None:
        """One cell, 0-based, by the type of its value; `look` replaces the type's own format."""
        if value is None or value == "":
            if look is not None:
                sheet.write_blank(row, column, None, look)
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value, look)
        elif isinstance(value, int) and abs(value) < 10**15:
            sheet.write_number(row, column, value, look)
        elif isinstance(value, Decimal):
            sheet.write_number(row, column, float(value), look or self._amount)
        elif isinstance(value, datetime):
            local = value.astimezone(SHANGHAI).replace(tzinfo=None)
            sheet.write_datetime(row, column, local, look or self._instant)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, look or self._day)
        else:
            text = str(value)
            sheet.write_string(row, column, text, look or (self._quoted if text.startswith(_RISKY) else self._text))


def _write_csv(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Value]], progress: Callable[[int], None]) -> int:
    total = 0
    # The mark (BOM) tells Excel that the file is UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([csv_text(header) for header in headers])
        for values in rows:
            total += 1
            writer.writerow([csv_text(value) for value in values])
            if total % _EVERY == 0:
                progress(total)
    progress(total)
    return total


def csv_text(value: Value) -> str:
    """A value as csv text; texts that a spreadsheet would run or reinterpret get an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | Decimal):
        return str(value) if -(10**15) < value < 10**15 else f"'{value}"
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    risky = value.startswith(_RISKY) or (value[:1] == "'" and value[1:].startswith(_MARKED))
    return f"'{value}" if risky else value
