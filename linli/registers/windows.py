"""A service window as a list or a form gives it: text in, checked values out, each refusal with its field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from linli.kernel import areas
from linli.kernel.errors import Problems
from linli.kernel.hours import dates_lines, hours_lines, read_hours
from linli.kernel.positions import Position
from linli.registers.stated import PHONE, Form, checked

# Column of a list -> field; a form has the fields.
COLUMNS = {
    "编号": "code", "名称": "name_zh", "英文名称": "name_en", "区划代码": "area_code", "服务范围": "reach", "经度": "lon", "纬度": "lat",
    "坐标系": "system", "地址": "address", "电话": "phone", "办公时间": "hours", "单独日期": "dates", "办理事项": "items",
}  # fmt: skip
LONGEST = {"code": 40, "name_zh": 100, "name_en": 200, "address": 200, "phone": 30}
REACHES = {"全市": True, "本辖区": False}
EVERY_ITEM = "全部"
MOST = 5000  # rows of a list: a city has hundreds
FORM = Form("windows", ("服务窗口的信息不正确", "A service window is not described correctly."), COLUMNS, ("单独日期",), MOST)

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
    texts = FORM.texts(values)
    problems = FORM.lengths(texts, LONGEST, LONGEST)
    if texts["phone"] and not PHONE.fullmatch(texts["phone"]):
        problems.append(FORM.wrong("phone", ("电话号码", "a telephone number"), texts["phone"]))
    if texts["reach"] not in REACHES:
        problems.append(FORM.wrong("reach", "、".join(REACHES), texts["reach"]))
    problems += FORM.area(texts["area_code"])
    place = checked(problems, "lon", lambda: FORM.position(texts))
    hours = checked(problems, "hours", lambda: read_hours(texts["hours"], texts["dates"]))
    items = checked(problems, "items", lambda: _items(texts["items"], known)) or ()
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
    return FORM.read(path, lambda values: window_of(values, known))


def _items(text: str, known: frozenset[str]) -> tuple[str, ...]:
    if text == EVERY_ITEM:
        return ()
    slugs = tuple(dict.fromkeys(part for part in re.split(r"[\s,，、;；]+", text) if part))
    unknown = [slug for slug in slugs if not _SLUG.fullmatch(slug) or slug not in known]
    if unknown or not slugs:
        raise FORM.wrong("items", (f"“{EVERY_ITEM}”或事项代码", f"“{EVERY_ITEM}” or slugs of items"), "、".join(unknown))
    return slugs
