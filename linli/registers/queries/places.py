"""What places there are on a day, and which of them are open at a moment: as arrays for whoever measures ways to them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from django.db.models import Q, QuerySet

from linli.kernel.hours import read_hours, standing
from linli.kernel.viewer import Viewer
from linli.kernel.workdays import Workdays
from linli.registers.models import Place, PlaceBefore, PlaceRole
from linli.registers.placenames import sound
from linli.registers.queries.areas import tidy, under
from linli.registers.queries.windows import windows

WINDOW: Final = "service-window"
UNKNOWN_HOURS: Final = -1
_COLUMNS = ("id", "uid", "code", "name_zh", "name_en", "kind", "area_code", "lon", "lat", "address", "phone", "hours", "dates", "generated")
_DATED = ("area_code", "lon", "lat", "address", "hours", "dates")
Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A place as it was on the day. roles: category -> capacity, None where not known. hours "": nobody has said.

    key: "place:ID" or "window:ID", which tells it from every other row.
    """

    key: str
    uid: str
    code: str
    name_zh: str
    name_en: str
    kind: str
    area_code: str
    lon: float
    lat: float
    address: str
    phone: str
    hours: str
    dates: str
    generated: bool
    roles: Mapping[str, int | None]


@dataclass(frozen=True)
class Places:
    """The places of a day, by number of their own (code), each once whatever it does; arrays are parallel to rows."""

    on: date
    rows: tuple[PlaceRow, ...]

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def lon(self) -> Floats:
        """Longitudes in degrees, WGS-84: float64[n]."""
        return np.array([row.lon for row in self.rows], dtype=np.float64)

    @cached_property
    def lat(self) -> Floats:
        """Latitudes in degrees, WGS-84: float64[n]."""
        return np.array([row.lat for row in self.rows], dtype=np.float64)

    @cached_property
    def of(self) -> Mapping[str, Numbers]:
        """Category -> the places that are it, as indices into rows in order: int32[]. A category that no place has is missing."""
        found: dict[str, list[int]] = {}
        for number, row in enumerate(self.rows):
            for slug in row.roles:
                found.setdefault(slug, []).append(number)
        return {slug: np.array(numbers, dtype=np.int32) for slug, numbers in sorted(found.items())}

    @cached_property
    def spelled(self) -> tuple[str, ...]:
        """Their Chinese names as people type them, tidied once: compared with what somebody has typed."""
        return tuple(tidy(row.name_zh).casefold() for row in self.rows)

    @cached_property
    def sounded(self) -> tuple[str, ...]:
        """How these sound (placenames.sound)."""
        return tuple(sound(name) for name in self.spelled)

    def capacity(self, category: str) -> Numbers:
        """How many each place of a category takes, -1 where not known, beside of[category]: int32[]."""
        many = [self.rows[number].roles[category] for number in self.of.get(category, ())]
        return np.array([-1 if one is None else one for one in many], dtype=np.int32)

    def open_at(self, moment: datetime, calendar: Workdays) -> npt.NDArray[np.int8]:
        """1 open at the moment, 0 closed, -1 where nobody has said its hours: int8[n]."""
        return np.array([_open(row, moment, calendar) for row in self.rows], dtype=np.int8)


def open_places(on: date, categories: Collection[str] | None = None, area: str = "") -> Places:
    """The places that were there on a day, in order of their number; categories, area: only these. Three queries, four with windows.

    Where a place was and when it was open are those of the day, also if it has moved since. Service windows are among them under
    WINDOW; their register holds no days, so they are as they are now.
    """
    roles = PlaceRole.objects.filter(_holds(on))
    if categories is not None:
        roles = roles.filter(category__in=categories)
    does: dict[int, dict[str, int | None]] = {}
    for place, category, capacity in roles.order_by("category").values_list("place_id", "category", "capacity"):
        does.setdefault(place, {})[category] = capacity
    there = Place.objects.filter(Q(opened__isnull=True) | Q(opened__lte=on))
    there = there.filter(pk__in=list(does)) if len(does) < 1000 or categories is not None else there
    was = _as_it_was(on)
    rows = []
    for values in there.order_by("code").values(*_COLUMNS):
        if values["id"] in does:
            row = _row("place", values | was.get(values["id"], {}), does[values["id"]])
            if row.area_code.startswith(area):
                rows.append(row)
    if categories is None or WINDOW in categories:
        rows += _windows(area)
    return Places(on, tuple(rows))


def kept_by(viewer: Viewer) -> QuerySet[Place]:
    """The places of the areas that an officer or administrator keeps, also those that are no longer there, by number."""
    within = Q(pk__in=())
    for role in ("officer", "administrator"):
        for code in viewer.areas(role):
            within |= under(code) if code else Q(pk__isnull=False)
    return Place.objects.filter(within).order_by("code")


def _holds(on: date) -> Q:
    return (Q(since__isnull=True) | Q(since__lte=on)) & (Q(until__isnull=True) | Q(until__gt=on))


def _as_it_was(on: date) -> dict[int, dict[str, object]]:
    """Of places that have moved or changed their hours since that day, what held on it."""
    found: dict[int, dict[str, object]] = {}
    for values in PlaceBefore.objects.filter(until__gt=on).order_by("-until").values("place_id", *_DATED):
        found[values.pop("place_id")] = values  # the earliest end comes last and stays
    return found


def _windows(area: str) -> list[PlaceRow]:
    found = windows().filter(area_code__startswith=area).values(*(name for name in _COLUMNS if name != "kind"))
    return [_row("window", values | {"kind": "window"}, {WINDOW: None}) for values in found]


def _row(register: str, values: Mapping[str, object], roles: Mapping[str, int | None]) -> PlaceRow:
    plain = {name: values[name] for name in _COLUMNS if name not in ("id", "uid", "lon", "lat")}
    where = {"lon": float(str(values["lon"])), "lat": float(str(values["lat"]))}
    return PlaceRow(key=f"{register}:{values['id']}", uid=str(values["uid"]), roles=roles, **where, **plain)  # type: ignore[arg-type]


def _open(row: PlaceRow, moment: datetime, calendar: Workdays) -> int:
    if not row.hours:
        return UNKNOWN_HOURS
    return int(standing(read_hours(row.hours, row.dates), moment, calendar).open)
