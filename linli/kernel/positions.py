"""Positions on the earth: WGS-84 inside, whatever a source used converted once at the edge; straight-line distances in metres.

Maps published in China are in GCJ-02 (测绘局坐标), one large map service's in BD-09 on top of it; taken for WGS-84 they are wrong by
half a kilometre. So every source says its system, and nothing is taken without.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from math import asin, cos, isfinite, pi, radians, sin, sqrt
from typing import Any, Final

from linli.kernel.errors import LinliError, Place

WGS84: Final = "WGS-84"
GCJ02: Final = "GCJ-02"
BD09: Final = "BD-09"
SYSTEMS = (WGS84, GCJ02, BD09)
EARTH_METRES = 6_371_008.8  # mean radius (IUGG)
# Positions of this country lie in here, so longitude and latitude that were swapped never do.
WEST, EAST, SOUTH, NORTH = 72.0, 138.0, 0.0, 56.0
# The ellipsoid of Krasovsky 1940, on which GCJ-02 is computed: half axis in metres, eccentricity squared.
_AXIS, _ECCENTRICITY = 6_378_245.0, 0.00669342162296594323
_TURNS = 8  # each turn of the inverse leaves about a thousandth of the error: a handful is enough


@dataclass(frozen=True, slots=True)
class Position:
    """Longitude and latitude in degrees, WGS-84."""

    lon: float
    lat: float


def position(lon: float, lat: float, system: str) -> Position:
    """The position that a source gives in one of SYSTEMS. LinliError for another system, and for a place outside this country."""
    if system not in SYSTEMS:
        raise LinliError(
            "positions.system",
            zh="没有说明坐标系",
            en="The coordinate system is not stated.",
            place=Place(field="system"),
            expected=", ".join(SYSTEMS),
            found=system or "—",
            remedy_zh="向提供坐标的单位问清坐标系",
            remedy_en="ask whoever supplied the coordinates for their system",
        )
    if not (isfinite(lon) and isfinite(lat) and WEST <= lon <= EAST and SOUTH <= lat <= NORTH):
        raise LinliError(
            "positions.outside",
            zh="坐标不在我国范围内",
            en="The coordinates are not in this country.",
            place=Place(field="lon"),
            expected=f"{WEST:g}–{EAST:g}, {SOUTH:g}–{NORTH:g}",
            found=f"{lon:g}, {lat:g}",
            remedy_zh="先写经度，后写纬度，单位为度",
            remedy_en="give the longitude first, then the latitude, in degrees",
        )
    return Position(*to_wgs84(lon, lat, system))


def metres(one: Position, other: Position) -> int:
    """The great-circle distance, by the haversine formula on a sphere: within 0.6% of the ellipsoid's."""
    south, north = radians(one.lat), radians(other.lat)
    half = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin(radians(other.lon - one.lon) / 2) ** 2
    return round(2 * EARTH_METRES * asin(min(1.0, sqrt(half))))


def gcj02(place: Position) -> tuple[float, float]:
    """Longitude and latitude of a position in GCJ-02.

    The transformation was never published; this is the formula that open projects (eviltransform, coordtransform) agree on, within a
    few metres of what maps show.
    """
    lon, lat = _gcj_of_wgs(place.lon, place.lat, math)
    return lon, lat


def bd09(place: Position) -> tuple[float, float]:
    """Longitude and latitude of a position in BD-09: a further turn and shift over GCJ-02, from the same projects."""
    lon, lat = _bd_of_gcj(*_gcj_of_wgs(place.lon, place.lat, math), math)
    return lon, lat


def from_wgs84(lon: Any, lat: Any, system: str, by: Any = math) -> tuple[Any, Any]:
    """Longitude and latitude in one of SYSTEMS of a position in WGS-84. by: math for numbers, numpy for arrays of them."""
    if system == WGS84:
        return lon, lat
    there = _gcj_of_wgs(lon, lat, by)
    return there if system == GCJ02 else _bd_of_gcj(*there, by)


def to_wgs84(lon: Any, lat: Any, system: str, by: Any = math) -> tuple[Any, Any]:
    """The reverse, within a millimetre; wherever on earth, so whoever calls it has asked what `position` asks."""
    found = lon, lat
    # The shift changes so slowly that taking it off again and again closes in on the position that has these coordinates.
    for _ in range(0 if system == WGS84 else _TURNS):
        there = from_wgs84(*found, system, by)
        found = found[0] + lon - there[0], found[1] + lat - there[1]
    return found


def _gcj_of_wgs(lon: Any, lat: Any, by: Any) -> tuple[Any, Any]:
    east, north = lon - 105.0, lat - 35.0
    wave = (20.0 * by.sin(6.0 * east * pi) + 20.0 * by.sin(2.0 * east * pi)) * 2.0 / 3.0
    up = -100.0 + 2.0 * east + 3.0 * north + 0.2 * north**2 + 0.1 * east * north + 0.2 * by.sqrt(abs(east)) + wave
    up += (20.0 * by.sin(north * pi) + 40.0 * by.sin(north / 3.0 * pi)) * 2.0 / 3.0
    up += (160.0 * by.sin(north / 12.0 * pi) + 320.0 * by.sin(north * pi / 30.0)) * 2.0 / 3.0
    right = 300.0 + east + 2.0 * north + 0.1 * east**2 + 0.1 * east * north + 0.1 * by.sqrt(abs(east)) + wave
    right += (20.0 * by.sin(east * pi) + 40.0 * by.sin(east / 3.0 * pi)) * 2.0 / 3.0
    right += (150.0 * by.sin(east / 12.0 * pi) + 300.0 * by.sin(east / 30.0 * pi)) * 2.0 / 3.0
    latitude = by.radians(lat)
    bend = 1 - _ECCENTRICITY * by.sin(latitude) ** 2
    moved = lat + up * 180.0 / (_AXIS * (1 - _ECCENTRICITY) / (bend * by.sqrt(bend)) * pi)
    return lon + right * 180.0 / (_AXIS / by.sqrt(bend) * by.cos(latitude) * pi), moved


def _bd_of_gcj(lon: Any, lat: Any, by: Any) -> tuple[Any, Any]:
    far = by.hypot(lon, lat) + 0.00002 * by.sin(lat * pi * 3000.0 / 180.0)
    angle = by.atan2(lat, lon) + 0.000003 * by.cos(lon * pi * 3000.0 / 180.0)
    return far * by.cos(angle) + 0.0065, far * by.sin(angle) + 0.006
