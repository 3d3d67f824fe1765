"""Points put on a network: the nearest place on a link, both parts of it, and a leg that no barrier crosses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.reach.graph import Barrier, Graph, Origin
from linli.reach.metric import degree_metres, straight
from linli.reach.snapping import Snapped, Why, ground_of, snap
from linli.reach.sources.placing import reasons
from linli.reach.waters import Waters

EAST, NORTH = (float(part) for part in degree_metres(35.0))


@dataclass
class Walked:
    graph: Graph
    usable: np.ndarray


def town(points: list[tuple[float, float]], links: list[tuple[int, int]], *barriers: Barrier, usable: list[bool] | None = None) -> Walked:
    """A network drawn in metres from (111, 35)."""
    lon = np.array([111 + x / EAST for x, _ in points])
    lat = np.array([35 + y / NORTH for _, y in points])
    u, v = (np.array([link[end] for link in links], np.int32).reshape(-1) for end in range(2))
    length = np.rint(straight(lon[u], lat[u], lon[v], lat[v]) * 10).astype(np.int32)
    m = len(links)
    graph = Graph(
        np.arange(len(points)), lon, lat, u, v, length, np.zeros(m, np.uint16), np.full(m, -1), Origin("drawn", "", "WGS-84"), (), barriers
    )
    return Walked(graph, np.ones(m, bool) if usable is None else np.array(usable))


def line(kind: str, *points: tuple[float, float]) -> Barrier:
    return Barrier(kind, tuple((111 + x / EAST, 35 + y / NORTH) for x, y in points))


def at(network: Walked, *points: tuple[float, float], most: float = 200) -> Snapped:
    return snap(network, [111 + x / EAST for x, _ in points], [35 + y / NORTH for _, y in points], most_metres=most)


def test_a_point_joins_the_link_beside_it_and_both_parts_of_the_link_are_told() -> None:
    found = at(town([(0, 0), (100, 0)], [(0, 1)]), (30, 40))
    assert (found.link[0], found.from_u[0], found.from_v[0], found.leg[0], found.why[0]) == (0, 300, 700, 400, Why.FINE)


def test_a_point_beyond_a_links_end_joins_at_the_end() -> None:
    found = at(town([(0, 0), (100, 0)], [(0, 1)]), (130, 40))
    assert (found.from_u[0], found.from_v[0], found.leg[0]) == (1000, 0, 500)


def test_of_two_links_as_near_the_first_is_taken() -> None:
    network = town([(0, 50), (100, 50), (0, -50), (100, -50)], [(2, 3), (0, 1)])
    assert at(network, (50, 0)).link[0] == 0


def test_a_link_that_the_profile_cannot_use_is_passed_over() -> None:
    network = town([(0, 10), (100, 10), (0, -50), (100, -50)], [(0, 1), (2, 3)], usable=[False, True])
    assert at(network, (50, 0)).link[0] == 1


def test_a_leg_goes_round_no_river() -> None:
    river = line("river", (-500, 20), (500, 20))
    network = town([(0, 30), (100, 30), (0, -100), (100, -100)], [(0, 1), (2, 3)], river)
    found = at(network, (50, 0))
    assert (found.link[0], found.leg[0]) == (1, 1000)


def test_where_everything_lies_behind_the_river_the_point_says_so() -> None:
    river = line("river", (-500, 20), (500, 20))
    found = at(town([(0, 30), (100, 30)], [(0, 1)], river), (50, 0), (50, 40))
    assert found.link.tolist() == [-1, 0]
    assert [(one.why, one.metres) for one in found.problems()] == [(Why.ACROSS_BARRIER, None)]


def test_a_point_in_the_water_is_told_though_it_reaches_a_bridge_and_one_on_the_bridge_or_an_island_is_not() -> None:
    lake = line("water", (-50, -300), (50, -300), (50, 300), (-50, 300), (-50, -300))
    island = replace(line("water", (-20, -120), (20, -120), (20, -80), (-20, -80), (-20, -120)), hole=True)
    network = town([(-200, 0), (200, 0), (-10, -100), (10, -100)], [(0, 1), (2, 3)], lake, island)
    found = at(network, (0, 100), (0, 10), (-150, 100), (0, -90))
    assert found.link.tolist() == [0, 0, 0, 1]
    assert [Why(one) for one in found.why] == [Why.IN_WATER, Why.FINE, Why.FINE, Why.FINE]
    assert [(one.index, one.metres) for one in found.problems()] == [(0, 100.0)]


def box(*corners: float, hole: bool = False) -> Barrier:
    west, south, east, north = corners
    return replace(line("water", (west, south), (east, south), (east, north), (west, north), (west, south)), hole=hole)


LAKES = (
    box(-100, -100, 100, 100),
    box(-50, -50, 50, 50, hole=True),
    box(-20, -20, 20, 20),  # a pond on the island
    box(-5, -5, 5, 5, hole=True),  # an islet in the pond
    box(80, -40, 200, 40),  # another lake, drawn partly over the first
)


@pytest.mark.parametrize("turn", range(5))
def test_an_island_is_land_its_pond_is_water_and_so_is_where_two_lakes_overlap(turn: int) -> None:
    waters = Waters((*LAKES[turn:], *LAKES[:turn]))  # in whatever order they stand
    x = np.array([-75, -35, -12, 0, 35, 90, 150, 250])
    wet = waters.holding(111 + x / EAST, np.full(len(x), 35.0))
    assert wet.tolist() == [True, False, True, False, False, True, True, False]


def test_a_leg_may_end_at_a_gate_in_a_wall_but_not_pass_through_the_corner_of_one() -> None:
    wall = line("wall", (-100, 10), (50, 10), (50, 200))
    gate = town([(30, 10), (30, 100)], [(0, 1)], wall)
    assert at(gate, (30, 0)).leg[0] == 100
    corner = town([(60, 20), (160, 20)], [(0, 1)], wall)
    assert at(corner, (40, 0)).why[0] == Why.ACROSS_BARRIER


def test_reasons_are_told_apart() -> None:
    network = town([(0, 0), (100, 0)], [(0, 1)])
    found = snap(network, [111.0, 111.0, 35.0, np.nan, 80.0], [35 + 100 / NORTH, 35 + 201 / NORTH, 111.0, 35.0, 35.0])
    assert [Why(one) for one in found.why] == [Why.FINE, Why.TOO_FAR, Why.SWAPPED, Why.NOT_FINITE, Why.OUTSIDE]
    assert reasons(found) == "not_finite 1, outside 1, swapped 1, too_far 1"
    assert reasons(found, joined=True) == ""
    assert (found.leg[1:] == 0).all()
    assert (found.link[1:] == -1).all()


def test_exactly_as_far_as_allowed_is_near_enough() -> None:
    network = town([(0, 0), (100, 0)], [(0, 1)])
    leg = float(straight(np.array([111.0]), np.array([35.0]), np.array([111.0]), np.array([35.0005]))[0])
    lat = [35.0005]
    assert snap(network, [111.0], lat, most_metres=leg + 1e-3).link[0] == 0
    assert snap(network, [111.0], lat, most_metres=leg - 1e-3).link[0] == -1


def test_a_point_on_an_island_is_joined_and_told() -> None:
    chain = [(x * 10.0, 0.0) for x in range(50)]
    network = town([*chain, (0, 500), (100, 500)], [*[(k, k + 1) for k in range(49)], (50, 51)])
    found = at(network, (50, 501), (50, 1))
    assert found.why.tolist() == [Why.ISLAND, Why.FINE]
    assert found.link[0] == 49
    assert found.problems()[0].metres == pytest.approx(1.0)
    assert reasons(found) == ""
    assert reasons(found, joined=True) == "island 1"


def test_nothing_to_join_and_nothing_to_walk() -> None:
    network = town([(0, 0), (100, 0)], [(0, 1)], usable=[False])
    assert at(network, (0, 0)).link.tolist() == [-1]
    assert len(snap(town([(0, 0), (100, 0)], [(0, 1)]), [], [])) == 0


MOST = 200.3  # no distance between whole metres
COORDINATE = st.integers(-400, 400).map(float)
POINT = st.tuples(COORDINATE, COORDINATE)


@settings(deadline=None, max_examples=40)
@given(st.lists(POINT, min_size=4, max_size=14), st.lists(POINT, min_size=1, max_size=8), st.lists(POINT, min_size=0, max_size=8))
def test_it_is_the_nearest_place_that_a_search_of_everything_finds(
    nodes: list[tuple[float, float]], points: list[tuple[float, float]], wall: list[tuple[float, float]]
) -> None:
    walls = [line("wall", *wall)] if len(wall) > 1 else []
    network = town(nodes, [(k, (k * 7 + 3) % len(nodes)) for k in range(len(nodes)) if k != (k * 7 + 3) % len(nodes)] or [(0, 1)], *walls)
    found = at(network, *points, most=MOST)
    for index, point in enumerate(points):
        expected = by_hand(network, point, wall if walls else [])
        assert (found.link[index] >= 0) == (expected is not None)
        if expected is not None:
            assert found.leg[index] == pytest.approx(expected * 10, abs=1)
            assert found.from_u[index] + found.from_v[index] == network.graph.length[found.link[index]]


def by_hand(network: Walked, point: tuple[float, float], wall: list[tuple[float, float]]) -> float | None:
    """Metres to the nearest place on any link whose leg crosses no piece of the wall, with shapely."""
    import shapely

    graph, best = network.graph, None
    plane = [((x - 111) * EAST, (y - 35) * NORTH) for x, y in zip(graph.lon, graph.lat, strict=True)]
    here = shapely.Point(point)
    for u, v in zip(graph.u, graph.v, strict=True):
        link = shapely.LineString([plane[u], plane[v]])
        foot = link.interpolate(link.project(here))
        far = here.distance(foot)
        if far <= MOST and not crossed((here.x, here.y), (foot.x, foot.y), wall) and (best is None or far < best):
            best = far
    return best


def crossed(start: tuple[float, float], end: tuple[float, float], wall: list[tuple[float, float]]) -> bool:
    """Whether the line meets a piece of the wall farther than 10 cm from both its ends, not running along it."""
    import shapely

    leg = shapely.LineString([start, end])
    for first, second in pairwise(wall):
        if first == second:
            continue
        meets = leg.intersection(shapely.LineString([first, second]).buffer(1e-6))
        if meets.is_empty or meets.length > 1e-3:
            continue
        away = min(meets.distance(shapely.Point(start)), meets.distance(shapely.Point(end)))
        if away > 0.1:
            return True
    return False


def test_one_point_asked_alone_and_many_at_once_agree() -> None:
    network = town([(0, 0), (100, 0), (100, 100)], [(0, 1), (1, 2)])
    ground = ground_of(network)
    generator = np.random.default_rng(4)
    lon, lat = 111 + generator.uniform(-50, 150, 50) / EAST, 35 + generator.uniform(-50, 150, 50) / NORTH
    together = ground.snap(lon, lat)
    for index in range(50):
        alone = ground.snap(lon[index], lat[index])
        assert (alone.link[0], alone.from_u[0], alone.leg[0]) == (together.link[index], together.from_u[index], together.leg[index])
