"""One row of a form as XML: filled cells under the styles that stand there, every other cell byte for byte."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from xml.sax.saxutils import escape

from linli.kernel.clock import SHANGHAI
from linli.papers.layout import CellAt, Layout, RowAt
from linli.papers.tables import column_letters
from linli.papers.writing import Value, csv_text

_FIRST_DAY = date(1899, 12, 30)
"""Day 0 of a spreadsheet's calendar, for days after February 1900."""
_SPANS = re.compile(rb'\s+spans="[^"]*"')
_NUMBER = re.compile(rb'(<(?:[\w.-]+:)?row\b[^>]*?\s)r="[0-9]+"')
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def row_bytes(layout: Layout, number: int, filled: Mapping[int, Value], pattern: RowAt | None, days: frozenset[int]) -> bytes:
    """A row with its filled cells (column → value). A row that the sheet doesn't have looks like the pattern, without its contents.

    days: the styles under which a number is a day.
    """
    here = layout.rows.get(number)
    if here is not None:
        return _patched(layout, here, number, filled, pattern, days)
    name = f"{layout.prefix}row"
    start = f'<{name} r="{number}">'.encode()
    styles = {column: cell.style for column, cell in pattern.cells.items()} if pattern else {}
    if pattern is not None:
        start = _opened(_NUMBER.sub(rb'\g<1>r="%d"' % number, layout.content[pattern.span.start : pattern.span.open_end]))
    cells = [_cell(layout, number, column, filled.get(column), styles.get(column, ""), days) for column in sorted({*filled, *styles})]
    return start + b"".join(cells) + f"</{name}>".encode()


def _patched(layout: Layout, here: RowAt, number: int, filled: Mapping[int, Value], pattern: RowAt | None, days: frozenset[int]) -> bytes:
    parts = [_opened(layout.content[here.span.start : here.span.open_end])]
    for column in sorted({*filled, *here.cells}):
        cell = here.cells.get(column)
        if column in filled:
            style = cell.style if cell else _style_of(pattern, column)
            parts.append(_cell(layout, number, column, filled[column], style, days))
        elif cell is not None:
            parts.append(_kept(layout, cell))
    return b"".join(parts) + f"</{layout.prefix}row>".encode()


def _style_of(pattern: RowAt | None, column: int) -> str:
    return pattern.cells[column].style if pattern and column in pattern.cells else ""


def _kept(layout: Layout, cell: CellAt) -> bytes:
    content = layout.content
    if cell.formula and cell.value:
        return content[cell.span.start : cell.value[0]] + content[cell.value[1] : cell.span.end]
    return content[cell.span.start : cell.span.end]


def _opened(tag: bytes) -> bytes:
    """A row's start tag, open, without the columns that it says it spans."""
    whole = _SPANS.sub(b"", tag)
    return whole[:-2].rstrip() + b">" if whole.endswith(b"/>") else whole


def _cell(layout: Layout, row: int, column: int, value: Value, style: str, days: frozenset[int]) -> bytes:
    prefix, reference = layout.prefix, f"{column_letters(column - 1)}{row}"
    start = f'<{prefix}c r="{reference}"' + (f' s="{style}"' if style else "")
    if value is None or value == "":
        return f"{start}/>".encode()
    if isinstance(value, bool):
        return f'{start} t="b"><{prefix}v>{int(value)}</{prefix}v></{prefix}c>'.encode()
    number = _number(value, style.isdecimal() and int(style) in days)
    if number is not None:
        return f"{start}><{prefix}v>{number}</{prefix}v></{prefix}c>".encode()
    # Text stays text whatever it begins with; an apostrophe keeps it one when somebody edits the cell, as in writing.csv_text.
    text = escape(_UNWRITABLE.sub(lambda match: f"_x{ord(match[0]):04X}_", csv_text(value)))
    return f'{start} t="inlineStr"><{prefix}is><{prefix}t xml:space="preserve">{text}</{prefix}t></{prefix}is></{prefix}c>'.encode()


def _number(value: Value, is_day: bool) -> str | None:
    """A number as a cell holds it; None for what is written as text: words, long numbers, days where the style shows none."""
    if isinstance(value, int | Decimal):
        return str(value) if -(10**15) < value < 10**15 else None
    if isinstance(value, date) and is_day:
        moment = value.astimezone(SHANGHAI).date() if isinstance(value, datetime) else value
        return str((moment - _FIRST_DAY).days)
    return None
