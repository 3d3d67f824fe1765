"""去哪里办: windows in words, and on a small map with a scale and the north, drawn by the server from positions alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from math import ceil, cos, floor, hypot, log10, pi, radians, sin
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from linli.kernel import clock
from linli.kernel.hours import Standing, dates_lines, hours_lines, spans_text
from linli.kernel.positions import Position
from linli.kernel.workdays import ONE_DAY, Workdays, workdays
from linli.reach.profiles import profile
from linli.registers.cityareas import read_city
from linli.registers.placenames import english, overrides_of
from linli.registers.queries.windows import Near, Start, nearest
from linli.rules import Label
from linli.web.frame import city
from linli.web.programme import shelf
from linli.web.templatetags.texts import chinese, day

SHOWN = 10
WIDE, HIGH, EDGE = 360, 300, 30  # the map's own units: pixels on a small telephone, larger elsewhere
DEGREE_METRES = 111_195
LEAST_METRES = 400  # a map shows this much at least, or two doors of one street would be a city apart
SHRUNK = 12  # times as far as the nearest window is what a map shows at most
APART = 32  # units between the middles of two numbers


@dataclass(frozen=True, slots=True)
class Line:
    """One window as the list shows it. sign, kind: of the tag that says whether it is open; number: the same on the map."""

    number: int
    near: Near
    name: Label
    distance: str
    kind: str
    sign: str
    state: str
    today: str
    week: list[str]
    dates: list[str]
    only_here: bool


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the map. x, y: the place itself; at_x, at_y: its number, beside it where another is in the way; kind: open or closed."""

    x: int
    y: int
    at_x: int
    at_y: int
    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class Map:
    """Where one starts, numbered points round it, a scale bar's length in units with its words, and the numbers too far for the map."""

    here: tuple[int, int]
    points: list[Point]
    bar: int
    words: str
    outside: list[Line]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page says: from where, the windows best first, the map of them. walked: whose minutes on foot they are, "" without any."""

    start: Start
    since: str
    walked: str
    lines: list[Line]
    map: Map


def answer(start: Start, item: str, at: datetime) -> Answer:
    """The nearest windows for an item from a place at a moment. One query."""
    calendar = workdays(Path(settings.LINLI_CITY))
    found = nearest(start, item, at, calendar, most=SHOWN)
    exact = start.found in ("", "building", "group")
    lines = [_line(number, near, at, calendar, exact) for number, near in enumerate(found, start=1)]
    walked = _walked() if exact and any(near.minutes is not None for near in found) else ""
    return Answer(start, _since(start), walked, lines, _map(start.place, lines))


def items() -> list[tuple[str, Label]]:
    """What may be done at a window: every published programme that isn't over. One query."""
    return [(one.slug, one.programme.label) for one in shelf.shelf() if one.state != "past"]


def townships() -> tuple[tuple[Label, tuple[tuple[str, Label], ...]], ...]:
    """The city's streets, towns and townships by county, in code order; no query."""
    return _townships(Path(settings.LINLI_CITY), city.city().area)


@cache
def _townships(folder: Path, prefix: str) -> tuple[tuple[Label, tuple[tuple[str, Label], ...]], ...]:
    table, names = read_city(folder / "areas").divisions, overrides_of(folder / "areas")
    groups: dict[str, list[tuple[str, Label]]] = {code: [] for code in table if len(code) == 6 and code.startswith(prefix)}
    for code, one in table.items():
        if len(code) == 9 and code[:6] in groups and one.kind in ("statutory", "functional_zone"):
            groups[code[:6]].append((code, Label(one.name, english(code, one.name, names))))
    return tuple(
        (Label(table[code].name, english(code, table[code].name, names)), tuple(inside)) for code, inside in groups.items() if inside
    )


def _line(number: int, near: Near, at: datetime, calendar: Workdays, exact: bool) -> Line:
    today = clock.day_of(at)
    kind, sign = ("good", "tick") if near.standing.open else ("not", "clock")
    return Line(
        number=number,
        near=near,
        name=Label(near.window.name_zh, near.window.name_en),
        distance=_far(near, exact),
        kind=kind,
        sign=sign,
        state=state_words(near.standing, today),
        today=spans_text(near.hours.on(today, calendar)) or _("休息"),
        week=hours_lines(near.hours, chinese=chinese()),
        dates=dates_lines(near.hours, chinese=chinese(), since=today),
        only_here=not near.window.whole_city,
    )


def state_words(standing: Standing, today: date) -> str:
    """Of an office: '正在办公，到 12:00' or when it opens next."""
    if standing.until is None:
        return _("近期不办公") if standing.opens is None else _next_words(standing.opens, today)
    return _("正在办公，到 %(time)s") % {"time": _until(standing.until, today)}


def opens_words(standing: Standing, today: date) -> str:
    """Of any other place: '开着，到 21:00' or when it opens next."""
    if standing.until is None:
        return _("近期不开门") if standing.opens is None else _next_words(standing.opens, today)
    return _("开着，到 %(time)s") % {"time": _until(standing.until, today)}


def _until(until: datetime, today: date) -> str:
    """Midnight is the end of the day that it closes on."""
    return f"{until:%H:%M}" if until.date() == today else "24:00"


def _next_words(opens: datetime, today: date) -> str:
    time = f"{opens:%H:%M}"
    if opens.date() == today:
        return _("今天 %(time)s 开门") % {"time": time}
    if opens.date() == today + ONE_DAY:
        return _("明天 %(time)s 开门") % {"time": time}
    return _("%(day)s %(time)s 开门") % {"day": day(opens.date()), "time": time}


def _walked() -> str:
    return _("步行时间按成人每小时 %(speed)s 公里沿路计算。") % {"speed": f"{profile('adult').metres_per_hour / 1000:.1f}"}


def _far(near: Near, exact: bool) -> str:
    """Minutes on foot where a network says them and the start is a door, with the straight distance; else that alone."""
    straight = distance(near.metres, exact)
    if near.minutes is None or not exact:
        return straight
    return _("步行约 %(minutes)s 分钟（直线%(distance)s）") % {"minutes": near.minutes, "distance": straight}


def distance(metres: int, exact: bool = True) -> str:
    """'约 910 米', '约 3.2 公里', '约 24 公里'. Not exact: from the middle of an area, which says nothing below a kilometre."""
    if metres < 995 and not exact:
        return _("不到 1 公里")
    if metres < 995:
        return _("约 %(number)s 米") % {"number": max(10, round(metres, -1))}
    return _("约 %(number)s 公里") % {"number": f"{metres / 1000:.1f}" if metres < 9950 else round(metres / 1000)}


def _since(start: Start) -> str:
    """From where the distances are counted."""
    return {
        "building": _("距离从登记的住址算起。"),
        "group": _("距离从登记的住址算起。"),
        "village": _("距离从所在村（社区）的中心算起。"),
        "township": _("距离从所在乡镇（街道）的中心算起。"),
        "county": _("这里还没有登记乡镇、村的位置，距离从县（市、区）的中心算起。"),
        "": _("距离从您现在的位置算起。"),
    }.get(start.found, _("距离从所在村（社区）的中心算起。"))


def _map(start: Position, lines: Sequence[Line]) -> Map:
    """All points on one scale, east to the right and north up; near enough to true over a city, where the curve of the earth is nothing.

    What is many times as far as the nearest that isn't next door is left out: on its scale all that is near would be one spot.
    """
    most = SHRUNK * min((line.near.metres for line in lines if line.near.metres >= LEAST_METRES), default=LEAST_METRES)
    shown = [line for line in lines if line.near.metres <= most]
    flat = [(0.0, 0.0), *(_flat(start, line.near) for line in shown)]
    west, east = min(x for x, _y in flat), max(x for x, _y in flat)
    south, north = min(y for _x, y in flat), max(y for _x, y in flat)
    wide, high = max(east - west, LEAST_METRES), max(north - south, LEAST_METRES)
    scale = min((WIDE - 2 * EDGE) / wide, (HIGH - 3 * EDGE) / high)  # the bar has the lowest strip for itself
    left, top = (WIDE - (east - west) * scale) / 2, (HIGH - EDGE - (north - south) * scale) / 2
    here, *spots = [(round(left + (x - west) * scale), round(top + (north - y) * scale)) for x, y in flat]
    points, taken = [], [here]
    for line, spot in zip(shown, spots, strict=True):
        taken.append(_free(spot, taken))
        points.append(Point(*spot, *taken[-1], "open" if line.near.standing.open else "closed", line.number))
    metres = _round_length(WIDE / 3 / scale)
    words = _("%(number)s 公里") % {"number": metres // 1000} if metres >= 1000 else _("%(number)s 米") % {"number": metres}
    return Map(here, points, ceil(metres * scale), words, [line for line in lines if line not in shown])


def _flat(start: Position, near: Near) -> tuple[float, float]:
    """Metres east and north of the start."""
    east, north = float(near.window.lon) - start.lon, float(near.window.lat) - start.lat
    return east * cos(radians(start.lat)) * DEGREE_METRES, north * DEGREE_METRES


def _free(spot: tuple[int, int], taken: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The spot, or the nearest place round it where a number covers no other; the spot itself where there is none."""
    for far in (0, *range(APART, 4 * APART, APART // 2)):
        for turn in range(8 if far else 1):
            x, y = round(spot[0] + far * cos(turn * pi / 4)), round(spot[1] + far * sin(turn * pi / 4))
            inside = EDGE / 2 <= x <= WIDE - EDGE / 2 and EDGE / 2 <= y <= HIGH - 1.5 * EDGE
            if inside and all(hypot(x - other, y - another) >= APART for other, another in taken):
                return x, y
    return spot


def _round_length(most: float) -> int:
    """The longest of 1, 2, 5, 10, 20, 50 … metres that is no longer."""
    whole = 10 ** floor(log10(most))
    return next(int(step * whole) for step in (5, 2, 1) if step * whole <= most)
