"""Barriers out of GeoJSON: lines and outlines of areas that nobody crosses on foot."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from math import isfinite
from pathlib import Path
from typing import Any, Final

import numpy as np

from linli.kernel.errors import LinliError
from linli.reach.graph import Barrier, Floats
from linli.reach.sources.checks import swapped
from linli.reach.sources.listing import Listing, refused
from linli.reach.sources.systems import system_named, to_wgs84, undeclared
from linli.reach.sources.tagging import barrier_of

_NESTED: Final[Mapping[str, Callable[[Any], list[Any]]]] = {
    "LineString": lambda line: [(line, False)],
    "MultiLineString": lambda lines: [(line, False) for line in lines],
    "Polygon": lambda rings: [(ring, number > 0) for number, ring in enumerate(rings)],
    "MultiPolygon": lambda polygons: [(ring, number > 0) for rings in polygons for number, ring in enumerate(rings)],
}
"""The lines of a shape, and whether each is the outline of a hole."""
KINDS: Final = ("rail", "river", "canal", "water", "coast", "wall", "fence")


Box = tuple[float, float, float, float]
"""West, south, east, north."""


def read_barriers(path: Path, option: str | None, listing: Listing, around: Box) -> tuple[Barrier, ...]:
    """A GeoJSON file of LineStrings and Polygons whose property `kind` is one of KINDS, or that
    OpenStreetMap's own tags make one, with `name` where there is one. Its system is
    said by a member "system" or "crs", or by the option. What lies wholly outside the box `around` is listed: it bars nobody there.
    LinliError where all of it does and would lie inside with longitude and latitude exchanged.
    """
    try:
        data = json.loads(path.read_bytes())
        features = list(data["features"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _broken(path, "FeatureCollection", f"{type(error).__name__}: {error}") from None
    system = _system(path, data, option)
    found, outside = [], []
    for number, feature in enumerate(features, start=1):
        for kind, name, points, hole in _lines(path, number, feature):
            if len(points) < 2:
                listing.add("barrier_without_line", f"{path.name} feature {number}", f"{len(points)}")
                continue
            lon, lat = to_wgs84(np.array([one[0] for one in points]), np.array([one[1] for one in points]), system)
            if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
                raise _broken(path, "in China", f"feature {number}")
            if not _meets(around, lon, lat):
                listing.add("barrier_outside", f"{path.name} feature {number}", f"{kind} {lon[0]:g}, {lat[0]:g}")
                outside.append((lon, lat))
            found.append(Barrier(kind, tuple(zip(lon.tolist(), lat.tolist(), strict=True)), name, hole))
    if found and len(outside) == len(found) and all(_meets(around, lat, lon) for lon, lat in outside):
        raise swapped(path.name, f"{outside[0][0][0]:g}, {outside[0][1][0]:g}")
    return tuple(found)


def _meets(box: Box, lon: Floats, lat: Floats) -> bool:
    """Whether a line's own box meets another."""
    west, south, east, north = box
    return bool(lon.min() <= east and lon.max() >= west and lat.min() <= north and lat.max() >= south)


def _system(path: Path, data: dict[str, Any], option: str | None) -> str:
    said = data.get("system") or data.get("坐标系")
    crs = data.get("crs")
    if not said:
        said = (crs.get("properties") or {}).get("name") if isinstance(crs, dict) else crs
    if not said and option is None:
        raise undeclared(path.name)
    return system_named(str(said or option), file=path.name)


def _lines(path: Path, number: int, feature: Any) -> Iterator[tuple[str, str, list[tuple[float, float]], bool]]:
    """kind, name and points of each line of a feature; an area gives its rings, and of each whether it is a hole."""
    try:
        shape, properties = feature["geometry"], feature.get("properties") or {}
        kind, coordinates = shape["type"], shape["coordinates"]
    except (TypeError, KeyError, AttributeError):
        raise _broken(path, "geometry", f"feature {number}") from None
    said = str(properties.get("kind") or barrier_of({str(key): str(value) for key, value in properties.items()}))
    if said not in KINDS:
        raise _broken(path, ", ".join(KINDS), f"feature {number}: kind {said or '—'}")
    if kind not in _NESTED:
        raise _broken(path, ", ".join(_NESTED), f"feature {number}: {kind}")
    try:
        for line, hole in _NESTED[kind](coordinates):
            points = [(float(one[0]), float(one[1])) for one in line]
            if not all(isfinite(x) and isfinite(y) and abs(x) <= 180 and abs(y) <= 90 for x, y in points):
                raise ValueError("position")
            yield said, str(properties.get("name") or ""), points, hole
    except (TypeError, ValueError, IndexError):
        raise _broken(path, "[lon, lat]", f"feature {number}") from None


def _broken(path: Path, expected: str, found: str) -> LinliError:
    return refused(
        "geojson",
        ("阻隔文件不是所要求的 GeoJSON", "The file of barriers is not the GeoJSON that is needed."),
        ("对照 docs/reach.md 修改", "compare it with docs/reach.md"),
        file=path.name,
        expected=expected,
        found=found,
    )
