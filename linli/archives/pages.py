"""The pages of an archive: plain HTML without scripts or outside addresses, and index.csv beside the contents."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Any

from linli.archives.folders import Added, Folder
from linli.kernel.clock import SHANGHAI
from linli.papers.writing import csv_text
from linli.rules.declare import Label

_STYLE = (
    "body{font:16px/1.6 'Noto Sans CJK SC','Source Han Sans SC',sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1d1d1b}"
    "h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%}"
    "th,td{border:1px solid #999;padding:.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}"
    "th{background:#f2f2ee}td.n{text-align:right}@media print{body{margin:0;max-width:none}}"
)


@dataclass(frozen=True, slots=True)
class Link:
    """A file of the same folder, under some words."""

    path: str
    words: str


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and a table: headers over rows, or without headers pairs of name and value. Cells: text, Label, day, moment, Link, int."""

    heading: str
    rows: Iterable[Sequence[Any]]
    headers: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """The language of an archive: zh or en."""

    language: str

    def __call__(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def cell(self, value: Any) -> str:
        """A value as text; "" for none."""
        if value is None:
            return ""
        if isinstance(value, Label):
            return value.text(self.language)
        if isinstance(value, bool):
            return self("是", "yes") if value else self("否", "no")
        if isinstance(value, datetime):
            return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        return str(value)


def page(said: Said, title: str, sections: Iterable[Section]) -> Iterator[bytes]:
    """A page in portions; sections are read as they are written."""
    language = "zh-Hans" if said.language == "zh" else "en"
    head = (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style></head>'
    )
    yield f"{head}\n<body><h1>{escape(title)}</h1>\n".encode()
    for section in sections:
        yield f"<h2>{escape(section.heading)}</h2>\n".encode()
        if section.note:
            yield f"<p>{escape(section.note)}</p>\n".encode()
        yield from _table(said, section)
    yield b"</body></html>\n"


def _table(said: Said, section: Section) -> Iterator[bytes]:
    rows = iter(section.rows)
    first = next(rows, None)
    if first is None:
        yield f"<p>{escape(said('没有', 'none'))}</p>\n".encode()
        return
    yield b"<table>"
    if section.headers:
        yield ("<tr>" + "".join(f'<th scope="col">{escape(one)}</th>' for one in section.headers) + "</tr>\n").encode()
    for row in _chained(first, rows):
        cells = [_cell(said, value) for value in row]
        if not section.headers:
            cells[0] = f'<th scope="row">{escape(said.cell(row[0]))}</th>'
        yield ("<tr>" + "".join(cells) + "</tr>\n").encode()
    yield b"</table>\n"


def _chained(first: Sequence[Any], rest: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    yield first
    yield from rest


def _cell(said: Said, value: Any) -> str:
    if isinstance(value, Link):
        return f'<td><a href="{escape(value.path)}">{escape(value.words)}</a></td>'
    text = escape(said.cell(value)).replace("\n", "<br>")
    number = isinstance(value, int) and not isinstance(value, bool)
    return f'<td class="n">{text}</td>' if number else f"<td>{text}</td>"


def csv_lines(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """UTF-8 with a mark, as spreadsheets open it; no text becomes a formula."""
    yield b"\xef\xbb\xbf"
    for row in _chained(headers, iter(rows)):
        line = io.StringIO()
        csv.writer(line).writerow([csv_text(cell) for cell in row])
        yield line.getvalue().encode()


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents. number: in the folder, from 1; day: of the paper; pages: of it."""

    number: int
    title: str
    day: date | None
    pages: int
    file: Added


class Contents:
    """The contents (目录) of one folder inside an archive: papers are added in order, index.html and index.csv at the end."""

    def __init__(self, folder: Folder, said: Said, prefix: str) -> None:
        self.said, self._folder, self._prefix = said, folder, prefix
        self.entries: list[Entry] = []

    def add(self, name: str, title: str, portions: Iterable[bytes], *, day: date | None = None, pages: int = 1) -> None:
        """Add a paper under its number and a name: 03-decision.html."""
        number = len(self.entries) + 1
        added = self._folder.add(f"{self._prefix}{number:02}-{name}", portions)
        self.entries.append(Entry(number, title, day, pages, added))

    def attach(self, path: str, portions: Iterable[bytes]) -> None:
        """Add a file that a paper links to: a page's picture."""
        self._folder.add(f"{self._prefix}{path}", portions)

    def close(self, title: str, sections: Sequence[Section]) -> Added:
        """Write index.csv and index.html; the sections stand before the contents."""
        said = self.said
        headers = (said("序号", "No."), said("题名", "title"), said("日期", "date"), said("页数", "pages"), said("文件", "file"), "SHA-256")
        own = len(self._prefix)
        rows = [(one.number, one.title, one.day, one.pages, one.file.path[own:], one.file.sha256) for one in self.entries]
        self._folder.add(f"{self._prefix}index.csv", csv_lines(headers, ([said.cell(cell) for cell in row] for row in rows)))
        linked = [(*row[:4], Link(row[4], row[4]), row[5]) for row in rows]
        contents = Section(said("目录", "Contents"), linked, headers)
        return self._folder.add(f"{self._prefix}index.html", page(said, title, [*sections, contents]))
