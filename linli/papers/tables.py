"""What a table is once it has been read: headers, then rows of cells that keep their exact text and their place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from linli.kernel.errors import LinliError, Place, Said

Kind = Literal["text", "number", "date", "boolean", "formula", "error", "lost"]


class Cell(NamedTuple):
    """text: as written; a number as plain digits rounded to the 15 that a spreadsheet keeps; a date in ISO form.

    kind "lost": a number beyond 15 digits, whose last digits the spreadsheet has already destroyed. An empty cell is ("", "text").
    """

    text: str
    kind: Kind = "text"


EMPTY = Cell("")


ERRORS_SHEET = "问题清单 Errors"
"""The sheet of an annotated copy that lists what to mend: not a table that somebody sends."""


class Merged(NamedTuple):
    """A merged range below the header: its rows (1-based, both included), its first column (0-based), and how a spreadsheet writes it."""

    top: int
    bottom: int
    left: int
    text: str


class Row(NamedTuple):
    """number: the row in the file, 1-based, as a spreadsheet shows it. One cell per header."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may cost. The defaults admit 1,048,576 rows and refuse a file that unpacks into more than memory should bear."""

    file_bytes: int = 400 * 2**20
    unpacked_bytes: int = 4 * 2**30
    text_bytes: int = 512 * 2**20
    ratio: int = 200
    sheets: int = 50
    rows: int = 1_048_576
    columns: int = 200
    cell_characters: int = 32_767


@dataclass(slots=True)
class Table:
    """rows can be walked once, lazily; errors in the file's structure may still arise while walking. fraction: share read so far.

    merged: merged ranges below the header, from the top, where read_table was asked to let them through.
    """

    path: Path
    sheet: str
    headers: tuple[str, ...]
    header_row: int
    titles: tuple[Row, ...]
    rows: Iterator[Row]
    merged: tuple[Merged, ...] = ()
    _done: list[float] = field(default_factory=lambda: [0.0])

    @property
    def fraction(self) -> float:
        """How much of the file has been read, 0 to 1, for a progress bar."""
        return self._done[0]

    def place(self, row: Row, index: int) -> Place:
        """The place of a cell: file, row, column, header (and sheet where there are several)."""
        return Place(file=self.path.name, line=row.number, column=index + 1, field=self.headers[index])


def refusal(
    code: str,
    zh: str,
    en: str,
    place: Place,
    *,
    expected: Said | None = None,
    found: Said | None = None,
    remedy: tuple[str, str] = ("", ""),
) -> LinliError:
    """A LinliError of this package; remedy, and expected where it is words, is (zh, en)."""
    return LinliError(
        f"papers.{code}",
        zh=zh,
        en=en,
        place=place,
        expected=expected,
        found=found,
        remedy_zh=remedy[0],
        remedy_en=remedy[1],
    )


def column_letters(index: int) -> str:
    """A spreadsheet's name of the column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@lru_cache(maxsize=1024)
def column_index(letters: str) -> int:
    """The reverse of column_letters."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1
