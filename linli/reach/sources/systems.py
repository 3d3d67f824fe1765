"""Coordinate systems of files: what a file says, in whatever words; converted to WGS-84 once, here and nowhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from linli.kernel import positions
from linli.kernel.positions import BD09, EAST, GCJ02, NORTH, SOUTH, SYSTEMS, WEST, WGS84
from linli.reach.graph import Floats
from linli.reach.metric import degree_metres
from linli.reach.snapping import MOST_METRES, Ground
from linli.reach.sources.listing import refused

# CGCS2000 and WGS-84 differ by less than a decimetre for a map's purposes (GB/T 37019).
_NAMES: Final = {
    "WGS84": WGS84, "EPSG4326": WGS84, "4326": WGS84, "CRS84": WGS84, "URNOGCDEFCRSOGC13CRS84": WGS84, "URNOGCDEFCRSEPSG4326": WGS84,
    "CGCS2000": WGS84, "EPSG4490": WGS84, "国家2000": WGS84, "大地2000": WGS84,
    "GCJ02": GCJ02, "火星坐标": GCJ02, "火星坐标系": GCJ02, "国测局坐标": GCJ02, "高德": GCJ02, "腾讯": GCJ02,
    "BD09": BD09, "BD09LL": BD09, "百度坐标": BD09, "百度坐标系": BD09, "百度": BD09,
}  # fmt: skip


NEARER: Final = 0.7
SURE: Final = 0.9995
"""How sure it must be by Student's t: 3.3 standard errors of many points, 5.4 of eight."""
_FEWEST, _SAMPLE = 8, 2000
_APART = 0.001  # degrees: homes of one compound lie off the streets all the same way whatever their system, and count once


def system_named(text: str, *, file: str, line: int | None = None, field: str = "system") -> str:
    """WGS-84, GCJ-02 or BD-09 from how a file writes it. LinliError for any other word."""
    found = _NAMES.get(re.sub(r"[\W_]", "", text).upper())
    if found is None:
        raise refused(
            "system_unknown",
            ("不认识这个坐标系", "The coordinate system is not known."),
            ("向提供坐标的单位问清坐标系", "ask whoever supplied the coordinates for their system"),
            file=file,
            line=line,
            field=field,
            expected=", ".join(SYSTEMS),
            found=text or "—",
        )
    return found


def undeclared(file: str) -> Exception:
    """The refusal of a file that doesn't say its system."""
    return refused(
        "system_undeclared",
        ("文件没有说明坐标系", "The file doesn't say its coordinate system."),
        (
            "问清坐标系，在首行写“# system: WGS-84”，或加一列 system，或用 --system",
            "find out which it is, then write “# system: WGS-84” as the first line, add a column system, or use --system",
        ),
        file=file,
        field="system",
        expected=", ".join(SYSTEMS),
        found="—",
    )


def to_wgs84(lon: Floats, lat: Floats, system: str) -> tuple[Floats, Floats]:
    """Positions of a system as WGS-84; what is not finite or, for the Chinese systems, not in China becomes NaN."""
    if system == WGS84:
        return lon, lat
    with np.errstate(invalid="ignore"):
        inside = (lon >= WEST) & (lon <= EAST) & (lat >= SOUTH) & (lat <= NORTH)
    found = np.full((2, len(lon)), np.nan)
    found[:, inside] = positions.to_wgs84(lon[inside], lat[inside], system, np)
    return found[0], found[1]


@dataclass(frozen=True, slots=True)
class Suspicion:
    """That points and network are in different systems. code: of listing.WORDS. metres: how far the points lie from the nearest link in
    the middle as they are declared, and as they would if the suspicion is right; east, north: the offset in metres.
    """

    code: str
    metres: tuple[float, float]
    offset: tuple[float, float]

    def found(self) -> str:
        """The figures in a few words."""
        as_given, as_meant = self.metres
        return f"{as_given:.0f} m → {as_meant:.0f} m; offset {self.offset[0]:.0f} m E, {self.offset[1]:.0f} m N"


def suspicion(ground: Ground, lon: Floats, lat: Floats) -> Suspicion | None:
    """Whether points that are declared as WGS-84 lie much nearer to the network, nearly all of them the same way off, once they are
    taken for GCJ-02 or BD-09, or the network for GCJ-02. None too where there are too few to tell or they lie outside China.

    Of points nearer to each other than _APART one counts. The mean distance to the nearest link, nobody farther than MOST_METRES, must
    fall to NEARER of what it was, and surely: by Student's t of the differences. O(points · log).
    """
    from scipy.special import stdtrit

    inside = np.flatnonzero(np.isfinite(lon) & (lon >= WEST) & (lon <= EAST) & (lat >= SOUTH) & (lat <= NORTH))
    cells = np.floor(np.column_stack([lon[inside], lat[inside]]) / _APART)
    inside = inside[np.sort(np.unique(cells, axis=0, return_index=True)[1])]
    if len(inside) < _FEWEST:
        return None
    some = inside[:: max(1, len(inside) // _SAMPLE)]
    sure = float(stdtrit(len(some) - 1, SURE))
    x, y = lon[some], lat[some]
    as_given = _away(ground, x, y)
    best: Suspicion | None = None
    for code, (to_x, to_y) in {
        "gcj02": positions.to_wgs84(x, y, GCJ02, np),
        "bd09": positions.to_wgs84(x, y, BD09, np),
        "network_shifted": positions.from_wgs84(x, y, GCJ02, np),
    }.items():
        meant = _away(ground, to_x, to_y)
        nearer = as_given - meant
        error = float(nearer.std(ddof=1)) / len(some) ** 0.5
        if meant.mean() < NEARER * as_given.mean() and nearer.mean() > sure * error and (best is None or meant.mean() < best.metres[1]):
            across, up = degree_metres(y)
            offset = float(((x - to_x) * across).mean()), float(((y - to_y) * up).mean())
            best = Suspicion(code, (float(as_given.mean()), float(meant.mean())), offset)
    return best


def _away(ground: Ground, lon: Floats, lat: Floats) -> Floats:
    """Metres to the nearest link, MOST_METRES where there is none within them; walls don't matter here."""
    found = ground.snap(lon, lat, through=True)
    return np.where(found.link >= 0, found.leg / 10.0, float(MOST_METRES))
