"""The rules of CSVW that a table and its description must keep, read from the standard and written apart from the code that makes them.

Metadata Vocabulary for Tabular Data (W3C, 2015): 5.2 required properties, 5.3 link to the table, 5.5 schemas, 5.6 columns, 5.9 dialects,
6.4.x parsing of cells; Model for Tabular Data: 4.6 validation of keys. Only what these data use is known: anything else is a fault.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

CONTEXT = "http://www.w3.org/ns/csvw"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.]*")
TABLE_KEYS = {"@context", "@type", "url", "dialect", "tableSchema"}
COLUMN_KEYS = {"name", "titles", "datatype", "required", "null"}
DIALECT = {"encoding", "delimiter", "quoteChar", "doubleQuote", "header", "headerRowCount", "lineTerminators"}
PARSED = {
    "string": re.compile(r"(?s).*"),
    "nonNegativeInteger": re.compile(r"\+?[0-9]+|-0+"),
    "decimal": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"),
}


def faults(table: str, metadata: str, url: str) -> Iterator[str]:
    """Everything that is wrong."""
    told = json.loads(metadata)
    yield from _description(told, url)
    rows = list(csv.reader(io.StringIO(table, newline=""), strict=True))
    columns = told["tableSchema"]["columns"]
    if not table.endswith("\r\n") or "\n" in table.replace("\r\n", ""):
        yield "rows do not end as the dialect says"
    if len(rows[0]) != len(columns) or any(not _titled(column, cell) for column, cell in zip(columns, rows[0], strict=False)):
        yield f"header {rows[0]}"
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(columns):
            yield f"row {number}: {len(row)} cells"
            continue
        for column, cell in zip(columns, row, strict=True):
            yield from (f"row {number}: {fault}" for fault in _cell(column, cell))
    yield from _keys(told["tableSchema"], rows)


def _description(told: dict[str, Any], url: str) -> Iterator[str]:
    context = told["@context"]
    if context != CONTEXT and not (context[0] == CONTEXT and set(context[1]) <= {"@language", "@base"}):
        yield "@context"
    if told.get("@type", "Table") != "Table" or told["url"] != url:
        yield "no table, or another's"
    strange = [key for key in told if key not in TABLE_KEYS and ":" not in key]
    strange += [key for key in told["dialect"] if key not in DIALECT]
    names = [column["name"] for column in told["tableSchema"]["columns"]]
    if len(set(names)) < len(names) or not all(NAME.fullmatch(name) for name in names):
        yield "names of columns"
    for column in told["tableSchema"]["columns"]:
        strange += [key for key in column if key not in COLUMN_KEYS and ":" not in key]
        base = column["datatype"] if isinstance(column["datatype"], str) else column["datatype"]["base"]
        if base not in PARSED:
            yield f"datatype {base}"
    if not set(told["tableSchema"]["primaryKey"]) <= set(names):
        yield "primaryKey names no column"
    yield from (f"property {key}" for key in strange)


def _titled(column: dict[str, Any], cell: str) -> bool:
    titles = column["titles"]
    return cell in (titles.values() if isinstance(titles, dict) else [titles])


def _cell(column: dict[str, Any], cell: str) -> Iterator[str]:
    if cell == column.get("null", ""):
        if column.get("required"):
            yield f"{column['name']} is required"
        return
    datatype = column["datatype"] if isinstance(column["datatype"], dict) else {"base": column["datatype"]}
    base, wanted = datatype["base"], datatype.get("format")
    if not PARSED[base].fullmatch(cell):
        yield f"{column['name']}: {cell!r} is no {base}"
    elif base == "string" and wanted and not re.fullmatch(wanted, cell):
        yield f"{column['name']}: {cell!r} does not match {wanted}"
    elif base == "decimal" and wanted and f"{Decimal(cell):.{len(wanted['pattern'].partition('.')[2])}f}" != cell:
        yield f"{column['name']}: {cell!r} is not written as {wanted['pattern']}"


def _keys(schema: dict[str, Any], rows: list[list[str]]) -> Iterator[str]:
    places = [[column["name"] for column in schema["columns"]].index(name) for name in schema["primaryKey"]]
    keys = [tuple(row[place] for place in places) for row in rows[1:] if len(row) > max(places)]
    if len(set(keys)) < len(keys):
        yield "a primary key stands twice"
    if any("" in key for key in keys):
        yield "a part of a primary key is empty"
