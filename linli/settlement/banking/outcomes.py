"""A bank's answer, row by row. A row that cannot be read is told with its reason; the others are read all the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import accumulate
from pathlib import Path
from typing import BinaryIO

from linli.kernel.errors import LinliError
from linli.settlement.banking import columns, pain002
from linli.settlement.banking.layouts import XML_IN, Field, Form, Layout
from linli.settlement.banking.references import PAYMENT, QUESTION, whole
from linli.settlement.banking.rows import BadRow, OutcomeRow, Told

LONGEST_LINE = 4000


def read_account_answers(form: Form, path: Path, told: Told) -> Iterator[OutcomeRow | BadRow]:
    """The rows of an answer for accounts, as read_outcomes(); none has an amount."""
    yield from _text_rows(form, path, told, QUESTION)
    if told.count is not None and told.count != told.rows:
        told.warnings.append("count")


def read_outcomes(layout: Layout, path: Path, told: Told) -> Iterator[OutcomeRow | BadRow]:
    """The rows of an answer, in order, with their line (from 1; in a message, the number of the transaction). Bounded memory.

    told: filled while it is read; warnings: "count", "total", "number", "cut_short" where the file contradicts itself.
    """
    if layout.outcome.form == XML_IN:
        yield from pain002.rows(path, told)
    else:
        yield from _text_rows(layout.outcome, path, told, PAYMENT)
    if told.count is not None and told.count != told.rows:
        told.warnings.append("count")
    if told.total_fen is not None and told.total_fen != told.sum_fen:
        told.warnings.append("total")


def _text_rows(form: Form, path: Path, told: Told, kind: str) -> Iterator[OutcomeRow | BadRow]:
    places = _places(form, path) if form.by_place else {}
    with path.open("rb") as file:
        number = 0
        while raw := file.readline(LONGEST_LINE):
            number += 1
            line = raw.rstrip(b"\r\n")
            if not line:
                continue
            if len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
                _skip_rest(file)
                told.rows += 1
                yield BadRow(number, "too_long", "")
                continue
            if number in places:
                _note(form, places[number], line, told)
                told.ended = told.ended or places[number] is form.trailer
                continue
            found = _line(form, line, number, told, kind)
            if found is not None:
                told.rows += 1
                told.sum_fen += getattr(found, "amount_fen", 0)
                yield found
    if form.trailer and not told.ended:
        told.warnings.append("cut_short")


def _places(form: Form, path: Path) -> dict[int, tuple[Field, ...]]:
    """Numbers of the lines that are header and trailer where neither bears a mark: the first and the last that aren't empty. Reads the file
    once more."""
    filled: list[int] = []
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if raw.strip(b"\r\n"):
                filled = [*filled[:1], number]
    header = {filled[0]: form.header} if form.header and filled else {}
    return header | ({filled[-1]: form.trailer} if form.trailer and len(filled) > len(header) else {})


def _skip_rest(file: BinaryIO) -> None:
    while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
        pass


def _line(form: Form, line: bytes, number: int, told: Told, kind: str) -> OutcomeRow | BadRow | None:
    if form.titles and not told.rows and line.rstrip() == form.title_line.encode(form.encoding):
        return None
    for part in (form.header, form.trailer):
        if part and line.startswith(part[0].text.encode("ascii")) and part[0].of == "constant":
            _note(form, part, line, told)
            told.ended = told.ended or part is form.trailer
            return None
    try:
        return _row(form, line, number, told, kind)
    except LinliError as problem:
        return BadRow(number, "unreadable", str(problem.place or ""))


def _note(form: Form, fields: tuple[Field, ...], line: bytes, told: Told) -> None:
    """What header or trailer declares; one that can't be read is a warning, since the rows stand for themselves."""
    try:
        values = _values(form, fields, line)
        for column, text in values:
            if column.of == "number":
                told.number = text
            elif column.of == "count":
                told.count = int(text) if text.isdecimal() else -1
            elif column.of == "total":
                told.total_fen = columns.read_amount(column, text)
    except LinliError:
        told.warnings.append("head")


def _row(form: Form, line: bytes, number: int, told: Told, kind: str) -> OutcomeRow:
    found: dict[str, str | int | date | None] = {}
    for column, text in _values(form, form.row, line):
        if column.of == "constant" and text != column.text:
            raise columns.unreadable("constant", column.text, text[:20])
        if column.of == "amount":
            found["amount"] = columns.read_amount(column, text)
        elif column.of == "day":
            found["day"] = columns.read_day(column, text)
        else:
            found[column.of] = text
    day = found.get("day")
    return OutcomeRow(
        line=number,
        reference=whole(kind, str(found["reference"])) if "reference" in found else _named(kind, found, told),
        tail=columns.tail_of(str(found["account"])),
        amount_fen=int(str(found.get("amount", 0))),
        code=str(found["code"]),
        day=day if isinstance(day, date) else None,
    )


def _named(kind: str, found: dict[str, str | int | date | None], told: Told) -> str:
    """Our reference of a payment that the bank names by our file's number and its place in the file."""
    number, place = str(found.get("number") or told.number or ""), str(found["sequence"])
    if not number.isdecimal() or not place.isdecimal() or len(place.lstrip("0")) > 6:
        raise columns.unreadable("sequence", "the number of our file, and a place in it", f"{number} {place}"[:40])
    return f"{kind}{number}{int(place):06}"


def _values(form: Form, fields: tuple[Field, ...], line: bytes) -> list[tuple[Field, str]]:
    if form.form == "delimited":
        # By the separator as a character: in GB18030 its byte may be the second half of another one.
        parts = columns.decoded(form, "columns", line).split(form.delimiter)
        if len(parts) != len(fields):
            raise columns.unreadable("columns", str(len(fields)), str(len(parts)))
        return [(column, columns.unpadded(column, part)) for column, part in zip(fields, parts, strict=True)]
    wanted = sum(column.width for column in fields)
    line = line.ljust(wanted)  # an editor may have cut blanks at the end of a line; nothing but blanks may be missing
    if len(line) != wanted:
        raise columns.unreadable("width", str(wanted), str(len(line)))
    ends = list(accumulate(column.width for column in fields))
    texts = [columns.decoded(form, column.of, line[end - column.width : end]) for column, end in zip(fields, ends, strict=True)]
    return [(column, columns.unpadded(column, text)) for column, text in zip(fields, texts, strict=True)]
