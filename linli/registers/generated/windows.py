"""Made-up service windows for a demo: one for each county and township, with hours of different kinds; every one says that it is made up.

Counties stand where the city's positions.csv says. Nobody has surveyed the townships, so a demo puts them round their county's seat in a
spiral: plausible distances, no real places.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import cos, pi, radians, sin, sqrt
from pathlib import Path

from linli.kernel import areas
from linli.kernel.positions import WGS84, Position
from linli.registers.cityareas import CityAreas, read_city, read_positions
from linli.registers.placenames import english, overrides_of
from linli.registers.windows import EVERY_ITEM, NewWindow, window_of

RADIUS_METRES = 12_000  # of a county's townships round its seat
DEGREE_METRES = 111_195
GOLDEN = pi * (3 - sqrt(5))  # each next point of the spiral is turned by it, so that points spread evenly
COUNTY_HOURS = "周一至周五 09:00-12:00 13:30-17:30；周六 09:00-12:00"
# In turns: with a break at noon, without one, in the mornings only on some days.
TOWNSHIP_HOURS = (
    "周一至周五 08:30-12:00 14:30-18:00",
    "周一至周五 09:00-17:00；周日 09:00-12:00",
    "周一至周三 08:30-12:00 14:30-18:00；周四至周五 08:30-12:00；调休上班日 08:30-12:00",
)
OWN_AREA = 6  # every sixth township's window takes in its own people only
FEW_ITEMS = 4  # every fourth one does some items only


@dataclass(frozen=True, slots=True)
class MadeUp:
    """Windows, and the townships' positions that go with them."""

    windows: list[NewWindow]
    townships: dict[str, Position]


def made_up(city: Path, phone: str, items: Sequence[str], stands: Mapping[str, Position] | None = None) -> MadeUp:
    """The same for the same city folder. phone: the city's hotline, which every one of them gives; items: slugs of what there is to do.

    stands: townships that stand elsewhere than the spiral would put them, such as those of a made-up town.
    """
    folder = city / "areas"
    table, seats, names = read_city(folder), read_positions(folder / "positions.csv"), overrides_of(folder)
    townships = {code: place for county in seats for code, place in _round(table, county, seats[county])}
    townships |= {code: place for code, place in (stands or {}).items() if code in townships}
    windows = [_window(table, names, code, place, COUNTY_HOURS, phone, ()) for code, place in seats.items()]
    for number, (code, place) in enumerate(townships.items()):
        few = tuple(sorted(items)[::2]) if number % FEW_ITEMS == 0 else ()
        made = _window(table, names, code, place, TOWNSHIP_HOURS[number % len(TOWNSHIP_HOURS)], phone, few)
        windows.append(replace(made, whole_city=number % OWN_AREA != 0))
    return MadeUp(windows, townships)


def _round(table: CityAreas, county: str, seat: Position) -> Iterator[tuple[str, Position]]:
    """The county's statutory townships on a spiral round its seat, in code order: streets come first and are nearest."""
    inside = [one for one in table.divisions.values() if one.level == "township" and areas.parent(one.code) == county]
    own = sorted(one.code for one in inside if one.kind == "statutory")
    for number, code in enumerate(own):
        far, turn = RADIUS_METRES * sqrt((number + 0.5) / len(own)), GOLDEN * number
        north, east = far * sin(turn) / DEGREE_METRES, far * cos(turn) / DEGREE_METRES / cos(radians(seat.lat))
        yield code, Position(round(seat.lon + east, 5), round(seat.lat + north, 5))


def _window(
    table: CityAreas, names: Mapping[str, str], code: str, place: Position, hours: str, phone: str, items: tuple[str, ...]
) -> NewWindow:
    name = table.divisions[code].name
    kind = ("政务服务中心", "government service centre") if len(code) == len("140802") else ("便民服务中心", "service centre")
    values = {
        "code": f"DEMO-{code}",
        "name_zh": f"{name}{kind[0]}（演示）",
        "name_en": f"{english(code, name, names)} {kind[1]} (demo)",
        "area_code": code,
        "reach": "全市",
        "lon": f"{place.lon:.5f}",
        "lat": f"{place.lat:.5f}",
        "system": WGS84,
        "address": "演示数据，不是实际地址",
        "phone": phone,
        "hours": hours,
        "items": " ".join(items) or EVERY_ITEM,
    }
    return replace(window_of(values, frozenset(items)), generated=True)
