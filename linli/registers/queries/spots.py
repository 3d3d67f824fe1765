"""Where somebody may start from: a building, a village group or a community by its name as people type it; never who lives there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from linli.kernel import areas
from linli.kernel.positions import Position
from linli.registers.bitemporal import true_on
from linli.registers.models import Area
from linli.registers.placenames import english, sound
from linli.registers.queries.areas import tidy, walk
from linli.rules.declare import Label

SHORTEST = 2
LONGEST = 60
LEVELS = ("village", "group", "building")
_ENDING = re.compile(r"(社区)?(居民委员会|居委会)$|(村民委员会|村委会)$|社区$|村$")
_DIGITS = "零一二三四五六七八九"
_NUMBER = re.compile(r"[0-9]{1,3}|[一二三四五六七八九]?十?[一二三四五六七八九]|[一二三四五六七八九]?十")
READINGS = 3
"""Of what the text may begin with: a name that many communities have doesn't send us through all of them."""


@dataclass(frozen=True, slots=True)
class Spot:
    """An area with a position of its own. level: a building's or a group's position is the place itself, a community's its centre."""

    code: str
    level: str
    name: Label
    place: Position


def spots(text: str, on: date, most: int = 8) -> list[Spot]:
    """Areas that the text may mean and whose position is known, the likeliest first; none for a text of one letter.

    A whole or partial path is read from the left (“槐东社区3号楼”); else any name that holds the text. Two queries for the answer, at
    most one for each level that the text names.
    """
    wanted = tidy(text)[:LONGEST]
    if len(wanted) < SHORTEST:
        return []
    ends = sorted(walk(wanted, "", on), key=lambda end: (len(end[1]), end[0].code))
    best = [end for end in ends if len(end[1]) == len(ends[0][1])][:READINGS]
    where = Q()
    for area, rest in best:
        within = Q(code__gte=area.code, code__lt=areas.next_prefix(area.code))
        where |= within & Q(name__contains=rest) if rest else Q(code=area.code)
    rows = _positioned(where, on, most) if best else []
    if not rows:
        rows = _positioned(Q(name__contains=wanted), on, most)
    return _named(rows, on)


def sounding(text: str, on: date, most: int = 8) -> list[Spot]:
    """What a text may mean that spots() doesn't find: communities that sound as it begins, and of those the building whose number follows
    (“三号楼”, “3栋”). Two queries; reads the names of all communities."""
    wanted = tidy(text)[:LONGEST].casefold()
    rows = Area.objects.filter(true_on(on), level="village", lon__isnull=False).values_list("code", "name")
    heard, found = sound(wanted), list[tuple[int, str]]()
    for code, name in rows:
        short = _ENDING.sub("", name)
        if len(short) >= SHORTEST and heard.startswith(sound(short)):
            found.append((len(short), code))
    longest = max((length for length, _code in found), default=0)
    within = [code for length, code in found if length == longest]
    number = _NUMBER.search(wanted[longest:])
    if number and within:
        house = Q(name__startswith=f"{_counted(number[0])}号楼")
        below = Q(*(Q(code__gte=code, code__lt=areas.next_prefix(code)) for code in within), _connector=Q.OR)
        if rows_of := _positioned(below & house, on, most):
            return _named(rows_of, on)
    return _named(_positioned(Q(code__in=within), on, most), on) if within else []


def _counted(number: str) -> int:
    """“十二” or “12” as a number, up to ninety-nine."""
    if number.isdecimal():
        return int(number)
    tens, ten, ones = number.rpartition("十")
    return (_DIGITS.index(tens) if tens in _DIGITS and tens else 1) * 10 * bool(ten) + (_DIGITS.index(ones[:1]) if ones else 0)


def spot(code: str, on: date) -> Spot | None:
    """The area of a code on a day, if it is one of these and its position is known. Two queries."""
    found = _named(_positioned(Q(code=code), on, 1), on)
    return found[0] if found else None


def _positioned(where: Q, on: date, most: int) -> list[Area]:
    rows = Area.objects.filter(true_on(on), where, level__in=LEVELS, lon__isnull=False, lat__isnull=False)
    return list(rows.order_by("code")[:most])


def _named(rows: list[Area], on: date) -> list[Spot]:
    """With the names of what they lie in, from the township down. One query."""
    above = {code[:length] for code in (row.code for row in rows) for length in (9, 12)}
    names = dict(Area.objects.filter(true_on(on), code__in=above).values_list("code", "name"))
    return [Spot(row.code, row.level, _label(row, names), Position(float(row.lon or 0), float(row.lat or 0))) for row in rows]


def _label(row: Area, names: dict[str, str]) -> Label:
    path = [(code, names[code]) for code in (row.code[:9], row.code[:12]) if code in names and code != row.code]
    chinese = "".join(name for _code, name in path) + row.name
    spelled = [english(code, name) for code, name in (*path, (row.code, row.name))]
    return Label(chinese, ", ".join(reversed(spelled)))
