"""A file's text before it is a table: unpacked within limits, decoded, its header, and where it is torn."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from pathlib import Path
from typing import Final

from linli.kernel.errors import LinliError
from linli.reach.sources.listing import refused

MOST_BYTES: Final = 512 * 2**20
"""Unpacked; the edges of a network of three million nodes are a fifth of it."""
MOST_RATIO: Final = 100
"""How many times as large as packed: coordinates shrink to a tenth, a bomb to a thousandth. Only asked beyond RATIO_FROM."""
RATIO_FROM: Final = 16 * 2**20
_PIECE: Final = 2**20
_WORKBOOK: Final = ("Excel 工作簿或压缩包", "an Excel workbook, or a zip")
_SEPARATORS: Final = (",", "\t", ";")


def unpacked(path: Path) -> bytes:
    """The file's bytes, unpacked piece by piece where they are gzip, and no further than they may be."""
    size = path.stat().st_size
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    if not packed:
        if size > MOST_BYTES:
            raise _too_large(path, size)
        data = path.read_bytes()
    else:
        data = _opened(path, size)
    if not data.strip():
        raise empty(path)
    return data


def _opened(path: Path, size: int) -> bytes:
    pieces, total = [], 0
    try:
        with gzip.open(path, "rb") as file:
            while piece := file.read(_PIECE):
                pieces.append(piece)
                total += len(piece)
                if total > MOST_BYTES or total > max(RATIO_FROM, MOST_RATIO * size):
                    raise _too_large(path, total)
    except (EOFError, OSError, zlib.error) as error:
        raise torn(path, f"gzip: {error}") from None
    return b"".join(pieces)


def decoded(path: Path, data: bytes) -> str:
    """The text, its lines ended by line feeds. LinliError for what is neither UTF-8 nor GB18030."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    raise refused(
        "encoding",
        ("文件编码不是 UTF-8 或 GB18030，或不是文字文件", "The file is neither UTF-8 nor GB18030, or no text at all."),
        ("另存为 UTF-8 的 .csv", "save it as CSV UTF-8"),
        file=path.name,
        expected="csv, csv.gz",
        found=_WORKBOOK if data.startswith(b"PK\x03\x04") else repr(data[:16]),
    )


def header_of(path: Path, text: str, line: int) -> tuple[list[str], str]:
    """The names of the columns and what separates them: commas, else tabs or semicolons where the header has these."""
    first = text.partition("\n")[0]
    separator = next((one for one in _SEPARATORS if one in first), ",")
    try:
        names = [name.strip() for name in next(csv.reader(io.StringIO(first), delimiter=separator, strict=True), [])]
    except csv.Error as error:
        raise torn(path, str(error), line) from None
    if not names:
        raise empty(path)
    double = sorted({name for name in names if names.count(name) > 1})
    if double or "" in names:
        raise refused(
            "header",
            ("列名重复或为空", "A column's name is there twice or is empty."),
            ("为每一列取一个不同的列名", "give every column a name of its own"),
            file=path.name,
            line=line,
            found=", ".join(double) or "—",
        )
    return names, separator


def first_fault(path: Path, text: str, above: int, width: int, separator: str) -> LinliError | None:
    """The first row that has more cells than the header has names, or a quotation mark that is never closed; None where there is none."""
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    line = 1
    try:
        for row in reader:
            if len(row) > width:
                found = (f"{len(row)} 个单元格", f"{len(row)} cells")
                return torn(path, found, above + line, expected=(f"{width} 个单元格", f"{width} cells"))
            line = reader.line_num + 1
    except csv.Error as error:
        return torn(path, str(error), above + line)
    return None


def empty(path: Path) -> LinliError:
    """The refusal of a file without a row."""
    return refused(
        "empty",
        ("文件是空的，或只有列名", "The file is empty or has nothing but a header."),
        ("检查是否导出完整", "check that it was exported whole"),
        file=path.name,
        expected=("至少一行数据", "at least a row"),
        found="0",
    )


def torn(
    path: Path, found: str | tuple[str, str], line: int | None = None, *, expected: str | tuple[str, str] = "csv, csv.gz"
) -> LinliError:
    """The refusal of a file that can't be read to its end."""
    return refused(
        "torn",
        ("文件不完整，或不是格式正确的 csv", "The file is cut short or no well-formed csv."),
        ("改正该行；若文件不完整，重新导出或传送", "mend the line; if the file is cut short, export or send it once more"),
        file=path.name,
        line=line,
        expected=expected,
        found=found,
    )


def _too_large(path: Path, size: int) -> LinliError:
    return refused(
        "too_large",
        ("文件过大，或解压后异常膨胀", "The file is too large, or grows beyond measure when it is unpacked."),
        (
            "确认是正确的文件；较大的路网请用 OpenStreetMap 文件导入",
            "check that it is the right file; larger networks come as OpenStreetMap extracts",
        ),
        file=path.name,
        expected=f"≤ {MOST_BYTES // 2**20} MiB, ≤ {MOST_RATIO}:1",
        found=f"> {size // 2**20} MiB",
    )
