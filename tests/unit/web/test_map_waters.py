"""The map draws an island as a hole of its lake, and a pond on it and another lake for themselves."""

import json
import math

import numpy as np

from linli.reach.graph import Barrier, Graph, Origin
from linli.web.map.base import BaseMap, Square

NONE = np.zeros(0, np.int32)
ZOOM = 16


def box(size: float, east: float = 0.0, hole: bool = False) -> Barrier:
    corners = ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
    return Barrier("water", tuple((111.001 + east + x * size, 35 + y * size) for x, y in corners), hole=hole)


LAKE, ISLAND, POND, OTHER = box(0.001), box(0.0005, hole=True), box(0.0002), box(0.0004, east=0.001)


def test_an_island_is_a_hole_and_what_overlaps_stays_water() -> None:
    graph = Graph(np.zeros(0, np.int64), NONE, NONE, NONE, NONE, NONE, NONE, NONE, Origin("", "", ""), (), (ISLAND, LAKE, OTHER, POND))
    square = Square(
        ZOOM, int((111.001 / 360 + 0.5) * 2**ZOOM), int((0.5 - math.asinh(math.tan(math.radians(35))) / (2 * math.pi)) * 2**ZOOM)
    )
    drawn = [one["geometry"] for one in json.loads(BaseMap(graph).square(square))["features"]]
    assert {one["type"] for one in drawn} == {"Polygon"}
    assert [len(one["coordinates"]) for one in drawn] == [2, 1, 1]
    assert [round(min(lon for lon, _ in one["coordinates"][-1]), 4) for one in drawn] == [111.0005, 111.0016, 111.0008]
