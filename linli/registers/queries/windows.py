"""The nearest service window that can do an item and is open: from somebody's home, a chosen area or a device's position."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from linli.kernel import areas, clock
from linli.kernel.hours import Hours, Standing, read_hours, standing
from linli.kernel.positions import Position, metres
from linli.kernel.viewer import Viewer
from linli.kernel.workdays import Workdays
from linli.registers.bitemporal import believed, true_on
from linli.registers.models import Area, Resident, ServiceWindow, Situation
from linli.registers.ports import walking_times
from linli.registers.queries.areas import under

MOST = 20  # windows of one answer


@dataclass(frozen=True, slots=True)
class Start:
    """From where. code: the area it lies in, "" where only a position is known; found: the level of the area whose position it is,
    '' for a device's. A building's own position is the place itself, that of a village or township its centre."""

    place: Position
    code: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A window at a moment."""

    window: ServiceWindow
    hours: Hours
    standing: Standing


@dataclass(frozen=True, slots=True)
class Near:
    """A window as seen from a place at a moment. serves: whether it takes in people from there; None where that is not known.

    metres: straight; minutes: on foot, None where no network says, or it is too far to walk.
    """

    window: ServiceWindow
    metres: int
    minutes: int | None
    hours: Hours
    standing: Standing
    serves: bool | None


def start_at(code: str, on: date) -> Start | None:
    """Where an area is: its own position or the centre of the smallest area above it that has one. One query."""
    codes = [code]
    while (above := areas.parent(codes[-1])) is not None:
        codes.append(above)
    rows = Area.objects.filter(true_on(on), code__in=codes, lon__isnull=False, lat__isnull=False)
    nearest = max(rows, key=lambda area: len(area.code), default=None)
    if nearest is None or len(nearest.code) < len("140802"):
        return None  # the centre of a prefecture says nothing of where somebody lives
    return Start(Position(float(nearest.lon or 0), float(nearest.lat or 0)), code, nearest.level)


def home_of(resident: Resident, on: date) -> Start | None:
    """Where somebody lives: their building, else the centre of their village or township; None where no register says. Two queries."""
    lives = Situation.objects.filter(believed(), true_on(on), resident=resident, kind="lives").values_list("area_code", flat=True).first()
    return start_at(lives, on) if lives else None


def nearest(start: Start, item: str, at: datetime, calendar: Workdays, *, most: int = MOST) -> list[Near]:
    """Windows that can do the item for people from there ("" for any item), best first. One query; the city's windows are read whole.

    Open now before closed, then by the day on which they open next, then by minutes on foot where a network is in use, else by distance,
    then by their number: for the same place and moment the order is always the same. Where the start has no area, windows that serve
    their own area only are among them, marked. One query more where a network is in use.
    """
    every = listed(item, at, calendar)
    on_foot = walking_times()
    minutes = on_foot.minutes(start.place, [_place(one) for one in every], at) if on_foot else None
    found = [_near(one, start, walk) for one, walk in zip(every, minutes or [None] * len(every), strict=True)]
    able = [near for near in found if near.serves is not False]
    return sorted(able, key=_rank)[:most]


def listed(item: str, at: datetime, calendar: Workdays) -> list[Listed]:
    """Windows that can do the item, "" for any, by number. One query; the city's windows are read whole."""
    found = [
        (window, read_hours(window.hours, window.dates)) for window in windows() if not item or not window.items or item in window.items
    ]
    return [Listed(window, hours, standing(hours, at, calendar)) for window, hours in found]


def windows() -> QuerySet[ServiceWindow]:
    """Every window that is there, by number. One query."""
    return ServiceWindow.objects.filter(closed=False).order_by("code")


def administered(viewer: Viewer) -> QuerySet[ServiceWindow]:
    """The windows of the areas that the viewer administers, also those that are no longer there, by number."""
    within = Q(pk__in=())
    for code in viewer.areas("administrator"):
        within |= under(code) if code else Q(pk__isnull=False)
    return ServiceWindow.objects.filter(within).order_by("code")


def _place(one: Listed) -> Position:
    return Position(float(one.window.lon), float(one.window.lat))


def _near(one: Listed, start: Start, minutes: int | None) -> Near:
    window = one.window
    far = metres(start.place, _place(one))
    serves = True if window.whole_city else areas.contains(window.area_code, start.code) if start.code else None
    return Near(window, far, minutes, one.hours, one.standing, serves)


def _rank(near: Near) -> tuple[bool, date, bool, int, int, str]:
    opens = near.standing.opens
    day = date.min if near.standing.open else clock.day_of(opens) if opens else date.max
    return not near.standing.open, day, near.minutes is None, near.minutes or 0, near.metres, near.window.code
