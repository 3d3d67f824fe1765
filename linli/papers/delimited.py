"""csv in UTF-8 (with or without a mark) or GB18030, read as a stream; anything that decodes as neither is refused.

Marks that spreadsheets and exporters put before text are undone: ="0123" and, as write_table does, an apostrophe before
= + - @ tab, a digit or another apostrophe.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path

from linli.kernel.errors import LinliError, Place
from linli.papers.tables import Cell, Limits, refusal
from linli.papers.worksheet import RawRow, too_many_rows, too_wide

_BLOCK = 2**18
_LOST = re.compile(r"[+-]?[0-9](?:\.[0-9]+)?E\+(?:1[5-9]|[2-9][0-9])")
_QUOTED_TEXT = re.compile(r'="([^"=]*)"')
_MARKED = re.compile(r"'[=+\-@\t\r\n＝＋－＠'0-9]")


def encoding_of(path: Path, limits: Limits) -> str:
    """'utf-8-sig' or 'gb18030', found by decoding the whole file strictly once. Refuses NUL bytes and UTF-16."""
    if path.stat().st_size > limits.file_bytes:
        raise too_wide(Place(file=path.name), limits.columns, limits.cell_characters)
    decoders = {name: codecs.getincrementaldecoder(name)("strict") for name in ("utf-8-sig", "gb18030")}
    lines, first = 1, True
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if b"\0" in block or (first and block[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise _wrong_encoding(path, lines + block.partition(b"\0")[0].count(b"\n"), "NUL bytes")
            first = False
            for name, decoder in list(decoders.items()):
                if not _decodes(decoder, block, final=False):
                    del decoders[name]
            if not decoders:
                raise _wrong_encoding(path, lines, "other bytes")
            lines += block.count(b"\n")
    for name, decoder in decoders.items():
        if _decodes(decoder, b"", final=True):
            return name
    raise _wrong_encoding(path, lines, "a character cut short")


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _wrong_encoding(path: Path, line: int, found: str) -> LinliError:
    return refusal(
        "encoding",
        "文件编码不是 UTF-8 或 GB18030",
        "The file is neither UTF-8 nor GB18030.",
        Place(file=path.name, line=line),
        expected=("UTF-8 或 GB18030", "UTF-8 or GB18030"),
        found=found,
        remedy=("另存为 .xlsx，或 UTF-8 的 .csv", "save it as CSV UTF-8 or as .xlsx"),
    )


def csv_rows(path: Path, limits: Limits, done: list[float]) -> Iterator[RawRow]:
    """Rows that hold anything, with their record number (what a spreadsheet shows), as lists of cells."""
    encoding = encoding_of(path, limits)
    size = max(path.stat().st_size, 1)
    with path.open("rb") as raw, TextIOWrapper(raw, encoding=encoding, newline="") as stream:
        separator = "\t" if "\t" in stream.readline() and "," not in _first_line(path, encoding) else ","
        stream.seek(0)
        reader = csv.reader(stream, delimiter=separator, strict=True)
        number = 0
        try:
            for number, record in enumerate(reader, start=1):
                if number > limits.rows:
                    raise too_many_rows(Place(file=path.name, line=number), limits.rows)
                if len(record) > limits.columns or any(len(text) > limits.cell_characters for text in record):
                    raise too_wide(Place(file=path.name, line=number), limits.columns, limits.cell_characters)
                if number % 1000 == 0:
                    done[0] = raw.tell() / size
                if any(record):
                    yield number, [_cell(text) for text in record]
        except csv.Error as error:
            raise _broken(path, number + 1, str(error)) from None
    done[0] = 1.0


def _first_line(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, newline="") as stream:
        return stream.readline()


def _cell(text: str) -> Cell:
    start = text[:1]
    if start == "=":
        quoted = _QUOTED_TEXT.fullmatch(text)
        return Cell(quoted[1]) if quoted else Cell(text, "formula")
    if start == "'" and _MARKED.match(text):
        return Cell(text[1:])
    if "E+" in text and _LOST.fullmatch(text):
        return Cell(text, "lost")
    return Cell(text)


def _broken(path: Path, row: int, found: str) -> LinliError:
    return refusal(
        "broken_csv",
        "引号不配对或内容无法按 CSV 读取",
        "Not well-formed csv.",
        Place(file=path.name, line=row),
        found=found,
        remedy=("另存为 .xlsx，或 UTF-8 的 .csv", "save it as CSV UTF-8 or as .xlsx"),
    )
