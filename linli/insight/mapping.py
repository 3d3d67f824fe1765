"""What goes where in a superior's form: checked against the template and the catalogue, each fault named by its cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from linli import papers
from linli.insight.queries import STATES
from linli.kernel.errors import LinliError, Place, Problems
from linli.papers.layout import coordinates
from linli.programmes.models import ProgrammeVersion

MEASURES = ("found", "invited", "reached", "taken", "undecided", "amount", "day")
"""Indicators of a form of figures; the amount is in yuan, the day that of the count."""
FIELDS = ("number", "name", "birth_date", "age", "county", "amount", "since", "identity", "phone")
LISTED = ("found", *STATES)
_COLUMN = re.compile(r"^(?:(.+)!)?([A-Z]{1,3})$")


def empty(kind: str) -> Any:
    """Nothing mapped yet."""
    return [] if kind == "figures" else {"sheet": "", "row": 0, "programme": "", "state": "found", "columns": []}


def check(kind: str, mapping: Any, form: papers.Form) -> None:
    """Raise Problems with every cell, indicator, field or programme that there isn't, and every cell that is named twice."""
    programmes = set(ProgrammeVersion.objects.values_list("slug", flat=True))
    problems = list(_figures(mapping, form, programmes) if kind == "figures" else _people(mapping, form, programmes))
    if problems:
        raise Problems(problems)


def _figures(mapping: Iterable[Mapping[str, str]], form: papers.Form, programmes: set[str]) -> Iterable[LinliError]:
    seen: dict[papers.Slot, str] = {}
    for line in mapping:
        try:
            slot = form.slot(line["target"])
        except LinliError as error:
            yield error
            continue
        if slot in seen:
            yield _fault("twice", "单元格用了两次", "The cell is named twice.", line["target"], "")
        seen[slot] = line["target"]
        if line["measure"] not in MEASURES:
            yield _fault("measure", "没有这个指标", "There is no such indicator.", line["measure"], ", ".join(MEASURES))
        elif line["measure"] != "day" and line["programme"] not in programmes:
            yield _fault("programme", "没有这项政策", "There is no such programme.", line["programme"], ", ".join(sorted(programmes)))


def _people(mapping: Mapping[str, Any], form: papers.Form, programmes: set[str]) -> Iterable[LinliError]:
    if not mapping["programme"]:
        return
    if mapping["programme"] not in programmes:
        yield _fault("programme", "没有这项政策", "There is no such programme.", mapping["programme"], ", ".join(sorted(programmes)))
    if mapping["state"] not in LISTED:
        yield _fault("state", "没有这份名单", "There is no such list.", mapping["state"], ", ".join(LISTED))
    seen: set[str] = set()
    for column in mapping["columns"]:
        if column["field"] not in FIELDS:
            yield _fault("field", "没有这个栏目", "There is no such field.", column["field"], ", ".join(FIELDS))
        if column["target"] in seen:
            yield _fault("twice", "同一列用了两次", "The column is named twice.", column["target"], "")
        seen.add(column["target"])
        try:
            form.slot(f"{mapping['sheet']}!{column['target']}{mapping['row']}")
        except LinliError as error:
            yield error


def _fault(code: str, zh: str, en: str, found: str, expected: str) -> LinliError:
    return LinliError(
        f"insight.mapping_{code}", zh=f"{zh}：{found}", en=f"{en[:-1]}: {found}.", place=Place(field=found), expected=expected, found=found
    )


def by_county(form: papers.Form, target: str, counties: Mapping[str, str]) -> dict[str, str]:
    """county → cell, for a column ("C", "表1!C") of a table with a row for each county, found by the names that stand in its sheet.

    counties: name by code. Raises LinliError where the column isn't one, or no row names a county.
    """
    match = _COLUMN.match(target.strip().upper() if "!" not in target else target.strip())
    sheet = (match[1] or form.sheets[0]).strip("'") if match else ""
    if match is None or sheet not in form.sheets:
        raise _fault("column", "这不是模板里的一列", "That is no column of the template.", target, "C, 表1!C")
    column = coordinates(f"{match[2]}1")[1]
    rows = {text.strip(): row for (row, place), text in sorted(form.texts(sheet).items(), reverse=True) if place != column}
    found = {code: f"{sheet}!{match[2]}{rows[name]}" for code, name in counties.items() if name in rows}
    if not found:
        raise _fault("no_county", "这张表里没有一行写着县名", "No row of this sheet names a county.", target, "、".join(counties.values()))
    return found


def headers(form: papers.Form, mapping: Mapping[str, Any]) -> dict[str, str]:
    """column letters → what stands above the first row of the table, for the columns where anything does."""
    if mapping["sheet"] not in form.sheets:
        return {}
    texts = form.texts(mapping["sheet"])
    found: dict[int, tuple[int, str]] = {}
    for (row, column), text in texts.items():
        if row < mapping["row"] and row > found.get(column, (0, ""))[0]:
            found[column] = (row, text)
    return {papers.column_letters(column - 1): text for column, (_row, text) in sorted(found.items())}


def require_columns(mapping: Mapping[str, Any]) -> None:
    """Raise LinliError while a form of people has no column to fill."""
    if not mapping["columns"]:
        raise _fault("columns", "还没有指定哪一列填什么", "No column is mapped yet.", mapping["sheet"], "at least one column")
