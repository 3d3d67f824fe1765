"""Distances on the earth for a walk: straight lines on the WGS-84 ellipsoid, in metres, rounded once to integer decimetres."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from linli.reach.graph import Floats, Ints

Bools = npt.NDArray[np.bool_]

AXIS: Final = 6_378_137.0  # WGS-84, metres
ECCENTRICITY: Final = 0.00669437999014  # squared


def degree_metres(lat: Any) -> tuple[Any, Any]:
    """How long a degree of longitude and one of latitude are at a latitude, in metres: from the ellipsoid's radii of curvature there
    (prime vertical and meridian). Numbers or arrays.
    """
    angle = np.radians(lat)
    bend = 1.0 - ECCENTRICITY * np.sin(angle) ** 2
    east = AXIS / np.sqrt(bend) * np.cos(angle)
    north = AXIS * (1.0 - ECCENTRICITY) / bend**1.5
    return np.radians(east), np.radians(north)


def straight(lon: Floats, lat: Floats, to_lon: Floats, to_lat: Floats) -> Floats:
    """Metres of the straight line between positions in degrees: the mid-latitude formula (Gauss), which leaves the geodesic by less
    than a millimetre up to a kilometre and by less than a part in 100,000 up to 50 km.
    """
    east, north = degree_metres((lat + to_lat) / 2)
    found: Floats = np.hypot((to_lon - lon) * east, (to_lat - lat) * north)
    return found


def decimetres(metres: Floats) -> Ints:
    """The nearest decimetre, an exact half to the even one (IEEE 754, as numpy.rint), of metres × 10."""
    return np.rint(np.asarray(metres, np.float64) * 10.0).astype(np.int32)
