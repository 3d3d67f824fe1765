"""A file in another system than it declares is suspected where points lie off the streets all the same way."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from linli.kernel.errors import LinliError
from linli.kernel.positions import from_wgs84, to_wgs84
from linli.reach.graph import Graph, Origin
from linli.reach.metric import decimetres, degree_metres, straight
from linli.reach.snapping import Ground, ground_of
from linli.reach.sources.systems import suspicion, system_named

EAST, NORTH = (float(part) for part in degree_metres(35.0))


@pytest.fixture(scope="module")
def town() -> Ground:
    """Streets 130 to 260 metres apart, three kilometres each way."""
    draw = np.random.default_rng(5)
    x, y = (np.cumsum(draw.uniform(130, 260, 16)) for _ in range(2))
    lon, lat = (part.ravel() for part in np.meshgrid(111 + x / EAST, 35 + y / NORTH))
    number = np.arange(256).reshape(16, 16)
    u = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()]).astype(np.int32)
    v = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()]).astype(np.int32)
    length = decimetres(straight(lon[u], lat[u], lon[v], lat[v]))
    m = len(u)
    graph = Graph(np.arange(256), lon, lat, u, v, length, np.zeros(m, np.uint16), np.full(m, -1), Origin("", "", "WGS-84"))
    return ground_of(SimpleNamespace(graph=graph, usable=np.ones(m, bool)))


def homes(town: Ground, number: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Positions some twenty metres beside the streets."""
    draw, graph = np.random.default_rng(6), town.graph
    link, share = draw.integers(0, len(graph.u), number), draw.random(number)
    lon = graph.lon[graph.u[link]] * (1 - share) + graph.lon[graph.v[link]] * share
    lat = graph.lat[graph.u[link]] * (1 - share) + graph.lat[graph.v[link]] * share
    return lon + draw.normal(0, 20, number) / EAST, lat + draw.normal(0, 20, number) / NORTH


@pytest.mark.parametrize(("system", "code"), [("GCJ-02", "gcj02"), ("BD-09", "bd09")])
def test_homes_in_another_system_are_suspected_with_their_offset(town: Ground, system: str, code: str) -> None:
    lon, lat = homes(town)
    moved = from_wgs84(lon, lat, system, np)
    found = suspicion(town, *moved)
    assert found is not None
    assert found.code == code
    assert found.metres[1] < 20 < found.metres[0]
    assert found.offset == pytest.approx((((moved[0] - lon) * EAST).mean(), ((moved[1] - lat) * NORTH).mean()), rel=0.01)


def test_a_network_in_gcj_02_is_suspected_too(town: Ground) -> None:
    found = suspicion(town, *to_wgs84(*homes(town), "GCJ-02", np))
    assert found is not None
    assert found.code == "network_shifted"


def test_homes_that_are_right_or_anywhere_or_few_or_abroad_are_not_suspected(town: Ground) -> None:
    lon, lat = homes(town)
    draw = np.random.default_rng(7)
    anywhere = draw.uniform(lon.min(), lon.max(), 400), draw.uniform(lat.min(), lat.max(), 400)
    for points in (
        (lon, lat),
        anywhere,
        tuple(part[:7] for part in from_wgs84(lon, lat, "GCJ-02", np)),
        (lon * 0 + np.nan, lat),
        (lon - 100, lat),
    ):
        assert suspicion(town, *points) is None


def test_a_dozen_homes_all_over_town_are_enough_where_they_leave_no_doubt(town: Ground) -> None:
    moved = from_wgs84(*homes(town, 12), "BD-09", np)
    found = suspicion(town, *moved)
    assert found is not None
    assert found.code == "bd09"


def test_the_homes_of_one_compound_lie_off_the_streets_all_the_same_way_and_are_no_proof(town: Ground) -> None:
    """Whole blocks of homes in the middle between streets: moved by any few hundred metres they would happen to lie nearer to one."""
    graph, draw = town.graph, np.random.default_rng(8)
    for corner in range(0, 230, 7):
        blocks = np.repeat([corner, corner + 20], 40)
        lon, lat = graph.lon[blocks] + (90 + draw.normal(0, 15, 80)) / EAST, graph.lat[blocks] + (90 + draw.normal(0, 15, 80)) / NORTH
        assert suspicion(town, lon, lat) is None, corner


NAMES = {
    "WGS-84": ("wgs 84", "EPSG:4326", "CGCS2000", "urn:ogc:def:crs:OGC:1.3:CRS84"),
    "GCJ-02": ("gcj02", "火星坐标系"),
    "BD-09": ("bd-09", "百度坐标"),
}


@pytest.mark.parametrize(("said", "meant"), [(said, meant) for meant, names in NAMES.items() for said in names])
def test_systems_are_known_by_many_names(said: str, meant: str) -> None:
    assert system_named(said, file="x.csv") == meant


@pytest.mark.parametrize("said", ["", "EPSG:3857", "UTM 49N", "西安80"])
def test_other_systems_are_refused(said: str) -> None:
    with pytest.raises(LinliError):
        system_named(said, file="x.csv")
