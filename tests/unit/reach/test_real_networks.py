"""On real streets every node and home has the same places in reach as by a plain Dijkstra from every place."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from linli.reach.graph import Graph
from linli.reach.network import homes_on, network_of
from linli.reach.profiles import PROFILES
from linli.reach.search import counts, nearest, several
from linli.reach.search.near import NEIGHBOURHOOD
from tests.unit.reach.independent import dijkstra, walk
from tests.unit.reach.made import ORIGIN, order_of, points

DATA = Path("/work/shared/data")
ADULT = PROFILES["adult"]
LIMIT, K = ADULT.limit(8), 3


def read(name: str) -> Graph:
    with gzip.open(DATA / f"{name}_nodes.csv.gz", "rt") as file:
        nodes = [(int(row["node"]), float(row["lon"]), float(row["lat"])) for row in csv.DictReader(file)]
    with gzip.open(DATA / f"{name}_edges.csv.gz", "rt") as file:
        edges = [(int(row["u"]), int(row["v"]), round(float(row["length_m"]) * 10)) for row in csv.DictReader(file)]
    nodes.sort()
    edges = [edge for edge in edges if edge[0] != edge[1]]
    key = np.array([node for node, _, _ in nodes], np.int64)
    u, v = (np.searchsorted(key, [edge[end] for edge in edges]).astype(np.int32) for end in (0, 1))
    length = np.array([edge[2] for edge in edges], np.int32)
    lon, lat = (np.array([node[part] for node in nodes]) for part in (1, 2))
    return Graph(key, lon, lat, u, v, length, np.zeros(len(u), np.uint16), np.full(len(u), -1, np.int64), ORIGIN)


def scattered(graph, number, random):
    link = random.integers(0, len(graph.u), number)
    at = (random.random(number) * (graph.length[link] + 1)).astype(int)
    return points(graph, list(zip(link.tolist(), at.tolist(), random.integers(0, 500, number).tolist(), strict=True)))


@pytest.mark.parametrize("name", ["shenzhen_futian", "helsinki_centre"])
@pytest.mark.parametrize("neighbourhood", [NEIGHBOURHOOD, 100])
def test_a_real_network(name, neighbourhood, monkeypatch):
    if not (DATA / f"{name}_nodes.csv.gz").exists():
        pytest.skip(f"{DATA} has no {name}: the shared data is not here")
    monkeypatch.setattr("linli.reach.search.near.NEIGHBOURHOOD", neighbourhood)
    graph, random = read(name), np.random.default_rng(7)
    network, places, homes = network_of(graph, ADULT), scattered(graph, 40, random), scattered(graph, 300, random)
    arcs = walk(network, home=homes, place=places)  # every link goes both ways: from the place is as far as to it
    far = [dijkstra(arcs, ("place", place)) for place in range(len(places))]
    order = order_of(places)

    def near(end):
        return sorted((found[end], order[place], place) for place, found in enumerate(far) if found.get(end, LIMIT + 1) <= LIMIT)

    one, some = nearest(network, {"a": places}, LIMIT), several(network, places, K, LIMIT)
    many = counts(homes_on(network, homes), {"a": places}, LIMIT)
    ends = [*range(len(graph.key)), *(("home", home) for home in range(len(homes)))]
    wanted = [near(end) for end in ends]
    distance = np.concatenate([some.distance, some.at(homes)[0]])
    place = np.concatenate([some.place, some.at(homes)[1]])
    for row, found in enumerate(wanted):
        assert [int(d) for d in distance[row] if d >= 0] == [d for d, _, _ in found[:K]]
        assert [int(p) for p in place[row] if p >= 0] == [p for _, _, p in found[:K]]
    assert np.array_equal(np.concatenate([one.distance[0], one.at(homes)[0][0]]), distance[:, 0])
    assert np.array_equal(np.concatenate([one.place[0], one.at(homes)[1][0]]), place[:, 0])
    totals = [len(found) for found in wanted]
    assert many.counts[0, : len(graph.key)].tolist() == totals[: len(graph.key)]
    assert many.at_homes()[0].tolist() == totals[len(graph.key) :]
    assert 0 < sum(totals) < len(totals) * len(places)
