"""Where an area is for somebody on foot: a small one in its middle, a large one where streets enter it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from linli.reach.metric import degree_metres

LARGE: Final = 2_000.0
"""Square metres from which an area is reached at its edge: a park, not a shop."""
Ring = Sequence[tuple[int, float, float]]
"""Nodes of an outline: number, lon, lat; the last is the first."""


def middle(rings: Sequence[Ring]) -> tuple[float, float]:
    """lon, lat of the middle of the largest outline, or of a point of it where that lies outside."""
    from shapely import Polygon

    largest = max(rings, key=square_metres)
    shape = Polygon([(lon, lat) for _, lon, lat in largest])
    point = shape.centroid if shape.is_valid and shape.contains(shape.centroid) else shape.representative_point()
    return float(point.x), float(point.y)


def entrances(rings: Sequence[Ring], walked: set[int]) -> tuple[tuple[float, float], ...]:
    """Where streets meet the outlines of a large area, in the order of their nodes; none for a small one or one that no street meets."""
    if sum(square_metres(ring) for ring in rings) < LARGE:
        return ()
    return tuple((lon, lat) for _, lon, lat in sorted({node for ring in rings for node in ring if node[0] in walked}))


def square_metres(ring: Ring) -> float:
    """An outline's area by the shoelace formula, flat at its own latitude."""
    if len(ring) < 3:
        return 0.0
    _, west, south = ring[0]
    east, north = degree_metres(south)
    points = [((lon - west) * east, (lat - south) * north) for _, lon, lat in ring]
    pairs = zip(points, [*points[1:], points[0]], strict=True)
    return float(abs(sum(x * to_y - to_x * y for (x, y), (to_x, to_y) in pairs)) / 2)
