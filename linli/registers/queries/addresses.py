"""From an address as people write it to one door, one building or village group, one grid on a day; or why not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, Value
from django.db.models.functions import StrIndex

from linli import vault
from linli.kernel.errors import LinliError, Place
from linli.registers.models import Address, Area
from linli.registers.queries.areas import full_name, grid_of, subtree, suggestions, tidy, walk

DIVISIONS = ("province", "prefecture", "county", "township", "village")
CANDIDATES = 5
_DIGITS = "零一二三四五六七八九"
_GROUP = re.compile(r"第?([0-9]{1,2}|[一二三四五六七八九十]{1,3})(?:村民)?小?组")
_UNIT = re.compile(r"(?:(\d+)单元)?(?:(\d+)层)?[-#]?(\d+)(?:室|号|户)?")


@dataclass(frozen=True, slots=True)
class ResolvedAddress:
    """place_code: building or group (the village where it is one grid as a whole). unit: "2-301". address: the door if it is registered."""

    place_code: str
    name: str
    unit: str
    address: Address | None
    grid_code: str


def resolve_address(text: str, on: date) -> ResolvedAddress:
    """The one place and grid that an address means on a day.

    Raises LinliError where it names no known area, may mean several (candidates listed), names no building or group, or a building
    that is in no grid that day. About one query per level named.
    """
    wanted = tidy(text)
    village, rest = _village(text, wanted, on)
    place, rest = _building_or_group(text, village, rest, on)
    grid = grid_of(place.code, on) if place.level in ("building", "group") else _only_grid(place, on)
    if grid is None:
        raise _no_grid(place, on)
    unit, address = _door(place, rest)
    return ResolvedAddress(place.code, full_name(village.code, on) + (place.name if place.pk != village.pk else ""), unit, address, grid)


def _village(text: str, wanted: str, on: date) -> tuple[Area, str]:
    ends = sorted(walk(wanted, "", on, DIVISIONS), key=lambda end: len(end[1]))
    best = [end for end in ends if len(end[1]) == len(ends[0][1])]
    if not best:
        likely = [suggestion.area for suggestion in suggestions(wanted, "", on)]
        raise _refusal("unknown", text, on, "地址中没有本市区划表里的地名", "The address names no place of this city's table.", likely)
    if len(best) > 1:
        raise _refusal("ambiguous", text, on, "地址可能指多个地方", "The address may mean several places.", [area for area, _ in best])
    return best[0]


def _building_or_group(text: str, area: Area, rest: str, on: date) -> tuple[Area, str]:
    group = _GROUP.match(rest)
    if group and area.level == "village":
        number = _number(group.group(1))
        found = [row for row in subtree(area.code, on).filter(level="group") if _group_number(row) == number]
        if len(found) == 1:
            return found[0], rest[group.end() :]
    named = _buildings_named(area, rest, on)
    if len(named) > 1:
        raise _refusal("ambiguous", text, on, "地址可能指多栋楼", "The address may mean several buildings.", named)
    if named:
        return named[0], rest[rest.index(named[0].name) + len(named[0].name) :]
    if area.level == "village" and _only_grid(area, on):
        return area, rest
    below = list(subtree(area.code, on).filter(level__in=("building", "group"))[:CANDIDATES])
    raise _refusal("no_building", text, on, "地址没有写明楼栋或村民小组", "The address names no known building or village group.", below)


def _buildings_named(area: Area, rest: str, on: date) -> list[Area]:
    """Buildings of the area whose whole name stands in the rest of the text; of names within names, the longest."""
    found = list(
        subtree(area.code, on).filter(level="building").annotate(at=StrIndex(Value(rest), F("name"))).filter(Q(at__gt=0)) if rest else ()
    )
    longest = max((len(row.name) for row in found), default=0)
    return [row for row in found if len(row.name) == longest]


def _only_grid(area: Area, on: date) -> str | None:
    """The grid of a village that is one grid as a whole."""
    grids = subtree(area.code, on).filter(level="grid").values_list("code", flat=True)[:2]
    return grids[0] if area.level == "village" and len(grids) == 1 else None


def _number(text: str) -> int:
    """1 from "1" or "一", up to 99."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    return (_DIGITS.index(tens) if tens else 1 if ten else 0) * 10 + (_DIGITS.index(ones) if ones else 0)


def _group_number(row: Area) -> int | None:
    match = _GROUP.search(row.name)
    return _number(match.group(1)) if match else None


def _door(place: Area, rest: str) -> tuple[str, Address | None]:
    if place.level == "group":
        householder = rest.removesuffix("家").removesuffix("户")
        blinds = vault.blinds("householder", householder) if householder else []
        return "", Address.objects.filter(place_code=place.code, householder_blind__in=blinds).first()
    unit = unit_text(rest)
    return unit, Address.objects.filter(place_code=place.code, unit=unit).first() if unit else None


def unit_text(text: str) -> str:
    """'2-301' from 2单元301室; the text itself where it is written another way."""
    match = _UNIT.fullmatch(text)
    return "-".join(part for part in (match.group(1), match.group(3)) if part) if match else text


def _refusal(code: str, text: str, on: date, zh: str, en: str, candidates: list[Area]) -> LinliError:
    listed = ", ".join(f"{full_name(area.code[:12], on)}{area.name if len(area.code) > 12 else ''} ({area.code})" for area in candidates)
    return LinliError(
        f"address.{code}",
        zh=zh,
        en=en,
        place=Place(field="address"),
        expected=f"one of: {listed}" if listed else "county, township, village or community, and building or group",
        expected_zh=f"其中之一：{listed}" if listed else "县（市、区）、乡镇（街道）、村（社区）和楼栋或村民小组",
        found=text,
        remedy_zh="写全县（市、区）、乡镇（街道）、村（社区）和楼栋或村民小组",
        remedy_en="write county, township, village or community, and building or group",
    )


def _no_grid(place: Area, on: date) -> LinliError:
    return LinliError(
        "address.no_grid",
        zh="该处在这一天没有划入任何网格",
        en="The place was in no grid on that day.",
        place=Place(field=place.code),
        expected="an assignment to a grid",
        expected_zh="已划入网格",
        found=str(on),
        remedy_zh="由网格管理部门划定网格",
        remedy_en="have its grid assigned",
    )
