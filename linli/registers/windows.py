"""A service window as a list or a form gives it: text in, checked values out, each refusal with its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from linli.kernel import areas
from linli.kernel.errors import LinliError, Place, Problems
from linli.kernel.hours import dates_lines, hours_lines, read_hours
from linli.kernel.positions import Position, position
from linli.papers import read_table

# Column of a list -> field; a form has the fields.
COLUMNS = {
    "编号": "code", "名称": "name_zh", "英文名称": "name_en", "区划代码": "area_code", "服务范围": "reach", "经度": "lon", "纬度": "lat",
    "坐标系": "system", "地址": "address", "电话": "phone", "办公时间": "hours", "单独日期": "dates", "办理事项": "items",
}  # fmt: skip
LONGEST = {"code": 40, "name_zh": 100, "name_en": 200, "address": 200, "phone": 30}
REACHES = {"全市": True, "本辖区": False}
EVERY_ITEM = "全部"
MOST = 5000  # rows of a list: a city has hundreds
_PHONE = re.compile(r"[0-9+()（）\- 转]{3,30}")
T = TypeVar("T")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class NewWindow:
    """A window, checked. given: the coordinates as they were stated; place: the same in WGS-84. items: none for every item."""

    code: str
    name_zh: str
    name_en: str
    area_code: str
    whole_city: bool
    place: Position
    system: str
    given: str
    address: str
    phone: str
    hours: str
    dates: str
    items: tuple[str, ...]
    generated: bool = False


def window_of(values: Mapping[str, str], known: frozenset[str]) -> NewWindow:
    """The window that these texts describe; known: the slugs of items that there are. Raises Problems with an error per field."""
    problems: list[LinliError] = []
    texts = {name: values.get(name, "").strip() for name in COLUMNS.values()}
    for name, longest in LONGEST.items():
        if not 0 < len(texts[name]) <= longest:
            problems.append(_wrong(name, (f"1 至 {longest} 个字", f"1 to {longest} characters"), texts[name][:40]))
    if texts["phone"] and not _PHONE.fullmatch(texts["phone"]):
        problems.append(_wrong("phone", ("电话号码", "a telephone number"), texts["phone"]))
    if texts["reach"] not in REACHES:
        problems.append(_wrong("reach", "、".join(REACHES), texts["reach"]))
    if len(texts["area_code"]) not in (4, 6, 9, 12) or not texts["area_code"].isdigit():
        problems.append(_wrong("area_code", ("4、6、9 或 12 位区划代码", "a division code of 4, 6, 9 or 12 digits"), texts["area_code"]))
    place = _checked(problems, "lon", lambda: _position(texts))
    hours = _checked(problems, "hours", lambda: read_hours(texts["hours"], texts["dates"]))
    items = _checked(problems, "items", lambda: _items(texts["items"], known)) or ()
    if problems or place is None or hours is None:
        raise Problems(problems)
    return NewWindow(
        code=texts["code"],
        name_zh=texts["name_zh"],
        name_en=texts["name_en"],
        system=texts["system"],
        address=texts["address"],
        phone=texts["phone"],
        area_code=areas.trimmed(texts["area_code"]),
        whole_city=REACHES[texts["reach"]],
        place=place,
        given=f"{texts['lon']}, {texts['lat']}",
        hours="\n".join(hours_lines(hours, chinese=True)),
        dates="\n".join(dates_lines(hours, chinese=True)),
        items=items,
    )


def read_windows(path: Path, known: frozenset[str]) -> list[NewWindow]:
    """The windows of a list as xlsx or csv, with the columns of COLUMNS. Raises Problems with every wrong cell, at most one per field."""
    table = read_table(path)
    missing = [column for column in COLUMNS if column not in table.headers and column != "单独日期"]
    if missing:
        raise Problems([_columns(path, table.header_row, missing, table.headers)])
    found: list[NewWindow] = []
    problems: list[LinliError] = []
    lines: dict[str, int] = {}
    for row in table.rows:
        if len(lines) == MOST:
            raise Problems([_wrong("code", (f"最多 {MOST} 行", f"{MOST} rows at most"), str(row.number), path.name, row.number)])
        values = {COLUMNS[name]: cell.text for name, cell in zip(table.headers, row.cells, strict=True) if name in COLUMNS}
        code = values["code"].strip()
        if code in lines:
            problems.append(_wrong("编号", ("每个编号只出现一次", "each number once"), code, path.name, row.number))
        lines[code] = row.number
        try:
            found.append(window_of(values, known))
        except Problems as wrong:
            problems += [one.at(Place(path.name, row.number, field=_column(one))) for one in wrong.problems]
    if problems:
        raise Problems(problems)
    return found


def _column(problem: LinliError) -> str:
    name = problem.place.field if problem.place else None
    return next((column for column, field in COLUMNS.items() if field == name), name or "")


def _checked(problems: list[LinliError], name: str, read: Callable[[], T]) -> T | None:
    try:
        return read()
    except LinliError as problem:
        problems.append(problem.at(Place(field=problem.place.field if problem.place and problem.place.field else name)))
        return None


def _position(texts: Mapping[str, str]) -> Position:
    degrees = []
    for name in ("lon", "lat"):
        try:
            degrees.append(float(Decimal(texts[name])))
        except ArithmeticError:
            raise _wrong(name, ("以度为单位的小数", "degrees as a decimal number"), texts[name]) from None
    return position(degrees[0], degrees[1], texts["system"])


def _items(text: str, known: frozenset[str]) -> tuple[str, ...]:
    if text == EVERY_ITEM:
        return ()
    slugs = tuple(dict.fromkeys(part for part in re.split(r"[\s,，、;；]+", text) if part))
    unknown = [slug for slug in slugs if not _SLUG.fullmatch(slug) or slug not in known]
    if unknown or not slugs:
        raise _wrong("items", (f"“{EVERY_ITEM}”或事项代码", f"“{EVERY_ITEM}” or slugs of items"), "、".join(unknown))
    return slugs


def _wrong(field: str, expected: str | tuple[str, str], found: str, file: str | None = None, line: int | None = None) -> LinliError:
    return LinliError(
        "windows.malformed",
        zh="服务窗口的信息不正确",
        en="A service window is not described correctly.",
        place=Place(file, line, field=field),
        expected=expected,
        found=found or "—",
        remedy_zh="改正后重试",
        remedy_en="mend it and try again",
    )


def _columns(path: Path, line: int, missing: list[str], headers: tuple[str, ...]) -> LinliError:
    return LinliError(
        "windows.no_column",
        zh="表格缺少必需的列",
        en="The table lacks a column.",
        place=Place(path.name, line),
        expected="、".join(missing),
        found="、".join(headers),
        remedy_zh="补上这些列；列名见 docs/registers.md",
        remedy_en="add these columns; docs/registers.md names them all",
    )
