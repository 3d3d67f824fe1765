"""A table for everyone as CSV with its description as CSVW, so that a program reads every column's type and meaning without asking.

Standards: RFC 4180; W3C Model for Tabular Data and Metadata on the Web, and Metadata Vocabulary for Tabular Data (2015).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from linli.rules.declare import Label

TABLE = "counts.csv"
METADATA = f"{TABLE}-metadata.json"
"""Where a reader of the table looks for its description first (Model for Tabular Data, 5.3)."""
NULL = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column. name: as in the header; required: whether a cell may not be empty."""

    name: str
    label: Label
    datatype: Any
    required: bool = False

    @property
    def described(self) -> dict[str, Any]:
        """As a column description."""
        titles = {"en": self.name, "zh": self.label.zh}
        told = {"dc:description": {"@value": self.label.en, "@language": "en"}}
        return {"name": self.name, "titles": titles, "datatype": self.datatype, "required": self.required, "null": NULL, **told}


@dataclass(frozen=True, slots=True)
class About:
    """What the table as a whole is. licence: an address, "" where none is stated."""

    title: Label
    text: Label
    publisher: Label
    licence: str
    modified: datetime | None


def table(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> str:
    """The CSV: header, comma, CRLF, quotes only where needed; None is an empty cell."""
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\r\n")
    writer.writerow([column.name for column in columns])
    writer.writerows([NULL if cell is None else cell for cell in row] for row in rows)
    return held.getvalue()


def metadata(columns: Sequence[Column], key: Sequence[str], about: About) -> str:
    """The description of the table, whose address is taken from that of the description itself."""
    told: dict[str, Any] = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "zh"}],
        "@type": "Table",
        "url": TABLE,
        "dc:title": _both(about.title),
        "dc:description": _both(about.text),
        "dc:publisher": _both(about.publisher),
        **({"dc:license": {"@id": about.licence}} if about.licence else {}),
        **({"dc:modified": {"@value": about.modified.isoformat(), "@type": "xsd:dateTime"}} if about.modified else {}),
        "dialect": {
            "encoding": "utf-8",
            "delimiter": ",",
            "quoteChar": '"',
            "doubleQuote": True,
            "header": True,
            "headerRowCount": 1,
            "lineTerminators": ["\r\n"],
        },
        "tableSchema": {"columns": [column.described for column in columns], "primaryKey": list(key)},
    }
    return json.dumps(told, ensure_ascii=False, indent=2)


def undated(text: str) -> str:
    """A description without the moment at which it was published: what stays the same as long as nothing changes."""
    told = json.loads(text)
    told.pop("dc:modified", None)
    return json.dumps(told, ensure_ascii=False, indent=2)


def _both(label: Label) -> list[Mapping[str, str]]:
    return [{"@value": label.zh, "@language": "zh"}, {"@value": label.en, "@language": "en"}]
