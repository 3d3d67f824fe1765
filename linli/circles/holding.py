"""Whether a walking network holds the city that it is taken into use for: where its homes and circles lie, and where the network does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from shapely.geometry import shape

from linli.circles.models import Circle
from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.reach.graph import Graph
from linli.registers.bitemporal import true_on
from linli.registers.models import Area

MARGIN = 0.01
"""Degrees, about a kilometre: who lives just beyond the last street still walks to it."""
_HOMES = ("building", "group")
Spot = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """Degrees WGS-84."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a position lies in it, or just outside."""
        return self.west - MARGIN <= lon <= self.east + MARGIN and self.south - MARGIN <= lat <= self.north + MARGIN

    def __str__(self) -> str:
        return f"{self.west:.3f}–{self.east:.3f}, {self.south:.3f}–{self.north:.3f}"


def box_of(spots: Iterable[Spot]) -> Box:
    """The smallest box round positions, of which there must be one."""
    lons, lats = zip(*spots, strict=True)
    return Box(min(lons), min(lats), max(lons), max(lats))


def box_of_network(graph: Graph) -> Box:
    """The box round a network's nodes."""
    return Box(float(graph.lon.min()), float(graph.lat.min()), float(graph.lon.max()), float(graph.lat.max()))


def require_holds(graph: Graph, file: str) -> None:
    """Raise LinliError unless at least half of the homes that have a position lie in the network's box, and half of the circles.

    Where there are circles, homes of their counties are meant: a network need not be of the whole city. Two queries, one over all homes.
    """
    network = box_of_network(graph)
    for what, spots in zip((("住址", "homes"), ("生活圈", "circles")), _spots(), strict=True):
        inside = sum(network.holds(*spot) for spot in spots)
        if 2 * inside < len(spots):
            raise LinliError(
                "circles.network_elsewhere",
                zh="这张路网不在本市的住址和生活圈那里",
                en="This network doesn't lie where the city's homes and circles are.",
                place=Place(file=file),
                expected=(
                    f"至少一半{what[0]}在路网的范围里；{what[0]}在经度、纬度 {box_of(spots)}",
                    f"at least half of the {what[1]} within the network; {what[1]} lie at longitude, latitude {box_of(spots)}",
                ),
                found=(
                    f"{len(spots)} 处里只有 {inside} 处；路网在 {network}",
                    f"{inside} of {len(spots)}; the network lies at {network}",
                ),
                remedy_zh="换成本市的地图。确实要用这一张，加 --anyway：接不上路网的住址都算待定",
                remedy_en="take a map of this city. If this one is meant, add --anyway: homes off the network are told as unknown",
            )


def _spots() -> tuple[list[Spot], list[Spot]]:
    """Where homes and circles lie."""
    today = clock.today()
    circles = [one for one in Circle.objects.order_by("code") if one.ended_on is None or today < one.ended_on]
    counties = Q(pk__in=()) if circles else Q()
    for county in {one.area_code[:6] for one in circles}:
        counties |= Q(code__startswith=county)
    rows = Area.objects.filter(true_on(today), counties, level__in=_HOMES, lon__isnull=False).values_list("lon", "lat")
    return [(float(lon), float(lat or 0)) for lon, lat in rows if lon is not None], [_middle(one) for one in circles]


def _middle(circle: Circle) -> Spot:
    if circle.polygon is not None:
        middle = shape(circle.polygon).centroid
        return float(middle.x), float(middle.y)
    return float(circle.lon or 0), float(circle.lat or 0)
