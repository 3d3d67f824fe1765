"""Coordinate systems of files: what a file says, in whatever words; converted to WGS-84 once, here and nowhere else."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from linli.kernel.positions import BD09, GCJ02, SYSTEMS, WGS84, position
from linli.reach.graph import Floats
from linli.reach.sources.listing import refused

# CGCS2000 and WGS-84 differ by less than a decimetre for a map's purposes (GB/T 37019).
_NAMES: Final = {
    "WGS84": WGS84, "EPSG4326": WGS84, "4326": WGS84, "CRS84": WGS84, "URNOGCDEFCRSOGC13CRS84": WGS84, "URNOGCDEFCRSEPSG4326": WGS84,
    "CGCS2000": WGS84, "EPSG4490": WGS84, "国家2000": WGS84, "大地2000": WGS84,
    "GCJ02": GCJ02, "火星坐标": GCJ02, "火星坐标系": GCJ02, "国测局坐标": GCJ02, "高德": GCJ02, "腾讯": GCJ02,
    "BD09": BD09, "BD09LL": BD09, "百度坐标": BD09, "百度坐标系": BD09, "百度": BD09,
}  # fmt: skip


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
    out_lon, out_lat = np.full(len(lon), np.nan), np.full(len(lat), np.nan)
    for at in np.flatnonzero(np.isfinite(lon) & np.isfinite(lat)):
        place = position(float(lon[at]), float(lat[at]), system)
        out_lon[at], out_lat[at] = place.lon, place.lat
    return out_lon, out_lat
