"""Whether a place can lie in the area that it is said to be in, by the located addresses of the register round its position."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from math import cos, inf, radians
from typing import Protocol

import numpy as np
from django.db.models import Max, Min
from numpy.typing import NDArray

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.errors import Place as Spot
from linli.kernel.positions import Position, metres
from linli.kernel.viewer import Viewer
from linli.registers.bitemporal import true_on
from linli.registers.models import Area, Place
from linli.registers.places import StatedPlace
from linli.registers.queries.areas import full_name

NEAR = 500
"""Metres: so near an address of its own area a place may lie across the border."""
KNOWN = 3000
"""Metres from every located address beyond which nobody can tell the area."""
AS_FAR = 2
"""The middles of two villages say little about the line between them: up to so many times as far as the nearest is its own too."""
ROUND = 0.08  # degrees: AS_FAR times KNOWN in every direction, south of 40° N
OFF = 0.5  # degrees beyond all addresses of the county: about 50 km
METRES = 111_195  # of a degree of latitude
COUNTY, COMMUNITY = 6, 12
Bounds = tuple[float, float, float, float]
_LEVELS = ("building", "group", "village")


class Located(Protocol):
    """What is said to lie in an area."""

    @property
    def code(self) -> str: ...
    @property
    def area_code(self) -> str: ...
    @property
    def place(self) -> Position: ...


def misplaced(viewer: Viewer, places: Sequence[StatedPlace]) -> list[tuple[int, LinliError]]:
    """Which of these can't lie in the area that they are said to be in, by their number in the sequence, each with its refusal.

    What stands in the register so already is not asked again, nor is the system's own reading of a whole city's map. Where no address is
    known within KNOWN metres any area may be said, but for a position far beyond every address of its county. Two queries, two more for a
    county, one for each area that what is found lies in; O((places + addresses round them) log addresses).
    """
    if viewer.all_seeing or not places:
        return []
    stand = {
        row[0]: row[1:]
        for row in Place.objects.filter(code__in=[one.code for one in places]).values_list("code", "area_code", "lon", "lat")
    }
    asked = [number for number, one in enumerate(places) if not _stands(one, stand.get(one.code))]
    return list(_misplaced(places, asked)) if asked else []


def elsewhere(places: Sequence[Located]) -> list[tuple[int, LinliError]]:
    """The same of whatever has a number, an area and a position, whoever asks; nothing is taken as it stands."""
    return list(_misplaced(places, range(len(places)))) if places else []


def area_at(where: Position) -> str:
    """The community of the nearest address with a position, at most KNOWN metres away; "" where none is known. One query."""
    near = KNOWN / METRES
    wide = near / cos(radians(where.lat))
    box = {"lon__range": (where.lon - wide, where.lon + wide), "lat__range": (where.lat - near, where.lat + near)}
    rows = Area.objects.filter(true_on(clock.today()), level__in=_LEVELS, **box).values_list("code", "lon", "lat")
    away, code = min(((metres(where, Position(float(lon or 0), float(lat or 0))), code) for code, lon, lat in rows), default=(inf, ""))
    return code[:COMMUNITY] if away <= KNOWN else ""


def _stands(one: StatedPlace, row: tuple[object, ...] | None) -> bool:
    return row is not None and row[0] == one.area_code and _same(row[1], one.place.lon) and _same(row[2], one.place.lat)


def _same(stored: object, degrees: float) -> bool:
    return abs(float(str(stored)) - degrees) < 1e-6


def _misplaced(places: Sequence[Located], asked: Sequence[int]) -> Iterator[tuple[int, LinliError]]:
    from scipy.spatial import KDTree  # scipy is loaded when it is first needed

    where = np.array([(places[number].place.lon, places[number].place.lat) for number in asked])
    (west, south), (east, north) = where.min(axis=0) - ROUND, where.max(axis=0) + ROUND
    known = Area.objects.filter(true_on(clock.today()), level__in=_LEVELS, lon__range=(west, east), lat__range=(south, north))
    rows = list(known.order_by("code").values_list("code", "lon", "lat"))
    codes = [row[0] for row in rows]
    wide = METRES * cos(radians(float(where[:, 1].mean())))
    located = np.array([(float(lon or 0), float(lat or 0)) for _code, lon, lat in rows]).reshape(-1, 2) * (wide, METRES)
    spots = where * (wide, METRES)
    far, nearest = KDTree(located).query(spots) if rows else (np.full(len(asked), np.inf), np.zeros(len(asked), int))
    own = _own(codes, located, [places[number].area_code for number in asked], spots)
    bounds, named = cache(_bounds), cache(lambda area: full_name(area, clock.today()))
    for index, number in enumerate(asked):
        one = places[number]
        if far[index] > KNOWN:
            if _far_off(one, bounds):
                yield number, _refused(one, "", "")
        elif own[index] > max(NEAR, AS_FAR * far[index]):
            there = codes[int(nearest[index])][:COMMUNITY]
            yield number, _refused(one, there, named(there))


def _own(codes: Sequence[str], located: NDArray[np.float64], said: Sequence[str], spots: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres from each spot to the nearest located address of the area said of it; infinite where it has none."""
    from scipy.spatial import KDTree

    names, areas = np.array(codes, dtype="U24"), np.array(said)
    own = np.full(len(spots), np.inf)
    for area in dict.fromkeys(said):
        mine = located[np.char.startswith(names, area)]
        if len(mine):
            own[areas == area] = KDTree(mine).query(spots[areas == area])[0]
    return own


def _bounds(area: str) -> Bounds | None:
    """West, east, south and north of the located addresses of an area; None where it has none. One query."""
    rows = Area.objects.filter(true_on(clock.today()), code__startswith=area, lon__isnull=False)
    box = rows.aggregate(west=Min("lon"), east=Max("lon"), south=Min("lat"), north=Max("lat"))
    return None if box["west"] is None else (float(box["west"]), float(box["east"]), float(box["south"]), float(box["north"]))


def _far_off(one: Located, bounds: Callable[[str], Bounds | None]) -> bool:
    """Whether the position is far beyond every located address of the county; of the city, where the county has none."""
    box = bounds(one.area_code[:COUNTY]) or bounds("")
    if box is None:
        return False
    west, east, south, north = box
    return not (west - OFF <= one.place.lon <= east + OFF and south - OFF <= one.place.lat <= north + OFF)


def _refused(one: Located, there: str, name: str) -> LinliError:
    """there: the community in which the position seems to lie, and its name; "" where it lies far off."""
    zh = f"这个位置看起来在{name}，不在所填的地区" if there else "这个位置离所填的地区很远"
    en = f"The position seems to lie in {there} {name}, not in the area given." if there else "The position is far from the area given."
    return LinliError(
        "places.elsewhere",
        zh=zh,
        en=en,
        place=Spot(field="area_code"),
        expected=(f"位置所在的地区 {there}".rstrip(), f"the area of the position {there}".rstrip()),
        found=f"{one.code} {one.area_code} ({one.place.lon:.5f}, {one.place.lat:.5f})",
        remedy_zh="位置不对就重新点位置；位置没错就改选那里的地区；不归您管的，请当地干部登记",
        remedy_en="mark the position again if it is wrong; else choose the area there; if that is not yours, ask its officer",
    )
