"""A place as a list or a form states it: text in, checked values out, each refusal with its field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from linli.kernel import areas
from linli.kernel.documents import tidy_line
from linli.kernel.errors import Problems
from linli.kernel.hours import dates_lines, hours_lines, read_hours
from linli.kernel.positions import Position
from linli.registers.categories import Category, named
from linli.registers.models.places import PLACE_KINDS
from linli.registers.stated import PHONE, Form, checked

# Column of a list -> field; a form has the fields.
COLUMNS = {
    "编号": "code", "名称": "name_zh", "英文名称": "name_en", "类别": "categories", "形式": "kind", "区划代码": "area_code", "经度": "lon",
    "纬度": "lat", "坐标系": "system", "地址": "address", "电话": "phone", "营业时间": "hours", "单独日期": "dates", "证照号": "licence",
    "开业日期": "opened", "停业日期": "closed",
}  # fmt: skip
OPTIONAL = ("英文名称", "形式", "地址", "电话", "营业时间", "单独日期", "证照号", "开业日期", "停业日期")
LONGEST = {"code": 40, "name_zh": 100, "name_en": 200, "address": 200, "phone": 30, "licence": 60}
KIND_WORDS = dict(zip(PLACE_KINDS, ("店铺", "摊点", "机构", "绿地", "终端", "站点", "空间"), strict=True))
MOST = 100_000  # rows of a list: a prefecture has tens of thousands of shops
MOST_CAPACITY = 1_000_000
FORM = Form("places", ("场所的信息不正确", "A place is not described correctly."), COLUMNS, OPTIONAL, MOST)
_ROLE = re.compile(r"(.+?)\s*(?:[(（:：]\s*([0-9]{1,9})\s*[)）]?)?")


@dataclass(frozen=True, slots=True)
class StatedPlace:
    """A place, checked. given: the coordinates as they were stated; place: the same in WGS-84. hours: "" where nobody says.

    roles: category and capacity, None where not known. opened, closed: first day, and first day no longer; None where not stated.
    osm: its element of OpenStreetMap, such as node/123, or "".
    """

    code: str
    name_zh: str
    name_en: str
    kind: str
    area_code: str
    place: Position
    system: str
    given: str
    roles: tuple[tuple[str, int | None], ...]
    address: str = ""
    phone: str = ""
    hours: str = ""
    dates: str = ""
    licence: str = ""
    opened: date | None = None
    closed: date | None = None
    osm: str = ""
    generated: bool = False


def place_of(values: Mapping[str, str], known: Mapping[str, Category]) -> StatedPlace:
    """The place that these texts describe; known: the city's categories. Raises Problems with an error per field."""
    texts = {name: tidy_line(text) if name in LONGEST else text for name, text in FORM.texts(values).items()}
    problems = FORM.lengths(texts, LONGEST, ("code", "name_zh"))
    if texts["phone"] and not PHONE.fullmatch(texts["phone"]):
        problems.append(FORM.wrong("phone", ("电话号码", "a telephone number"), texts["phone"]))
    problems += FORM.area(texts["area_code"])
    place = checked(problems, "lon", lambda: FORM.position(texts))
    hours, dates = checked(problems, "hours", lambda: _hours(texts)) or ("", "")
    roles = checked(problems, "categories", lambda: _roles(texts["categories"], known)) or ()
    kind = checked(problems, "kind", lambda: _kind(texts["kind"]))
    opened, closed = (checked(problems, name, lambda name=name: FORM.day(name, texts[name])) for name in ("opened", "closed"))  # type: ignore[misc]
    if opened and closed and closed <= opened:
        problems.append(FORM.wrong("closed", (f"{opened} 之后的日期", f"a day after {opened}"), texts["closed"]))
    if problems or place is None or kind is None:
        raise Problems(problems)
    return StatedPlace(
        code=texts["code"],
        name_zh=texts["name_zh"],
        name_en=texts["name_en"],
        kind=kind,
        area_code=areas.trimmed(texts["area_code"]),
        place=place,
        system=texts["system"],
        given=f"{texts['lon']}, {texts['lat']}",
        roles=roles,
        address=texts["address"],
        phone=texts["phone"],
        hours=hours,
        dates=dates,
        licence=texts["licence"],
        opened=opened,
        closed=closed,
    )


def read_places(path: Path, known: Mapping[str, Category]) -> list[StatedPlace]:
    """The places of a list as xlsx or csv, with the columns of COLUMNS. Raises Problems with every wrong cell, at most one per field."""
    return FORM.read(path, lambda values: place_of(values, known))


def _hours(texts: Mapping[str, str]) -> tuple[str, str]:
    if not texts["hours"]:
        if texts["dates"]:
            raise FORM.wrong("dates", ("写明营业时间后才写单独日期", "single days only beside the week's hours"), texts["dates"][:40])
        return "", ""
    hours = read_hours(texts["hours"], texts["dates"])
    return "\n".join(hours_lines(hours, chinese=True)), "\n".join(dates_lines(hours, chinese=True))


def _roles(text: str, known: Mapping[str, Category]) -> tuple[tuple[str, int | None], ...]:
    """“托育机构（40）、老年助餐点”: names or slugs, each with how many it takes where that is known."""
    found: dict[str, int | None] = {}
    for part in re.split(r"[,，、;；\n]+", text):
        match = _ROLE.fullmatch(part.strip())
        if match is None:
            continue
        slug = named(known, match.group(1))
        if slug is None or known[slug].register:
            expected = "、".join(one.label.zh for one in known.values() if not one.register)
            raise FORM.wrong("categories", (expected, ", ".join(slug for slug in known if not known[slug].register)), part.strip()[:40])
        capacity = int(match.group(2)) if match.group(2) else None
        if slug in found or (capacity is not None and capacity > MOST_CAPACITY):
            raise FORM.wrong(
                "categories", (f"每类一次，数量最多 {MOST_CAPACITY}", f"each once, {MOST_CAPACITY} at most"), part.strip()[:40]
            )
        found[slug] = capacity
    if not found:
        raise FORM.wrong("categories", ("至少一个类别", "one category at least"), text)
    return tuple(sorted(found.items()))


def _kind(text: str) -> str:
    if not text:
        return "shop"
    kind = next((kind for kind, word in KIND_WORDS.items() if text in (kind, word)), None)
    if kind is None:
        raise FORM.wrong("kind", ("、".join(KIND_WORDS.values()), ", ".join(KIND_WORDS)), text)
    return kind
