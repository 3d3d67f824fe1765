"""What is in reach of every node and home agrees with a plain Dijkstra over a dictionary, whatever the network looks like."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.reach.network import homes_on, network_of
from linli.reach.profiles import PROFILES
from linli.reach.search import counts, near, nearest, several, spread, within
from tests.unit.reach.independent import dijkstra, walk, ways
from tests.unit.reach.made import graph_of, graphs, networks, on, order_of, points

ADULT = PROFILES["adult"]
LIMITS = st.integers(0, 25)


@st.composite
def cases(draw):
    network = draw(networks())
    return network, draw(on(network.graph)), draw(on(network.graph, least=1, ids=draw(st.booleans()))), draw(LIMITS)


def expected(network, homes, places, limit):
    """Of every node, then of every home: [(decimetres, place)], nearest first."""
    arcs = walk(network, home=homes, place=places)
    begin = [*range(len(network.graph.key)), *(("home", index) for index in range(len(homes)))]
    order = order_of(places)
    rows = ways(arcs, begin, [("place", index) for index in range(len(places))], limit)
    for index in np.flatnonzero(homes.link < 0):
        rows[len(network.graph.key) + index] = {}
    return [sorted(((far, place) for place, far in row.items()), key=lambda one: (one[0], order[one[1]])) for row in rows]


def padded(rows, k):
    filled = [(row + [(-1, -1)] * k)[:k] for row in rows]
    shape = (len(rows), k)
    return np.reshape([[far for far, _ in row] for row in filled], shape), np.reshape(
        [[place for _, place in row] for row in filled], shape
    )


@given(cases(), st.integers(1, 4))
def test_the_nearest_places_of_every_node_and_home(case, k):
    network, homes, places, limit = case
    nodes = network.nodes
    rows = expected(network, homes, places, limit)
    found = several(network, places, k, limit)
    for mine, theirs in zip((found.distance, found.place), padded(rows[:nodes], k), strict=True):
        assert mine.tolist() == theirs.tolist()
    if len(homes):
        for mine, theirs in zip(found.at(homes), padded(rows[nodes:], k), strict=True):
            assert mine.tolist() == theirs.tolist()
    one = nearest(network, {"a": places}, limit)
    assert (one.distance[0].tolist(), one.place[0].tolist()) == tuple(part[:, 0].tolist() for part in padded(rows[:nodes], 1))
    if len(homes):
        far, which = one.at(homes)
        assert (far[0].tolist(), which[0].tolist()) == tuple(part[:, 0].tolist() for part in padded(rows[nodes:], 1))


@given(cases())
def test_homes_as_nodes_have_the_same_places_within_the_limit(case):
    network, homes, places, limit = case
    rows = expected(network, homes, places, limit)[network.nodes :]
    inside = within(network, homes, places, limit)
    mine = [
        list(zip(inside.distance[a:b].tolist(), inside.place[a:b].tolist(), strict=True))
        for a, b in zip(inside.first[:-1], inside.first[1:], strict=True)
    ]
    assert mine == rows
    placed = homes_on(network, homes)
    how_many = counts(placed, {"a": places, "none": places.link[:0]}, limit)
    assert how_many.at_homes()[0].tolist() == [len(row) if link >= 0 else -1 for row, link in zip(rows, homes.link, strict=True)]
    assert set(how_many.at_homes()[1][homes.link >= 0].tolist()) <= {0}
    beside = nearest(placed, {"a": places}, limit)
    there = homes.link >= 0
    assert beside.distance[0][placed.homes[there]].tolist() == padded(rows, 1)[0][there, 0].tolist()


@given(cases())
def test_counts_of_every_node(case):
    network, homes, places, limit = case
    rows = expected(network, homes, places, limit)[: network.nodes]
    assert counts(network, {"a": places}, limit).counts[0].tolist() == [len(row) for row in rows]


@given(cases())
def test_how_far_one_can_walk_from_a_point(case):
    network, starts, places, limit = case
    for index in range(len(starts)):
        start = points(network.graph, [(int(starts.link[index]), int(starts.from_u[index]), int(starts.leg[index]))])
        found = dijkstra(walk(network, start=start, place=places), ("start", 0)) if start.link[0] >= 0 else {}
        reach = spread(network, start, limit)
        near = {key: far for key, far in found.items() if far <= limit}
        assert reach.distance.tolist() == [near.get(node, -1) for node in range(network.nodes)]
        assert reach.at(places).tolist() == [near.get(("place", place), -1) for place in range(len(places))]


@given(st.data())
def test_the_order_of_links_and_places_and_the_number_of_threads_change_nothing(data):
    graph = data.draw(graphs())
    places = data.draw(on(graph, least=1))
    limit = data.draw(LIMITS)
    links = data.draw(st.permutations(range(len(graph.u))))
    order = data.draw(st.permutations(range(len(places))))
    back = np.argsort(links)
    rows = list(zip(graph.u, graph.v, graph.length, graph.kind, strict=True))
    other = graph_of(len(graph.key), [tuple(int(part) for part in rows[link]) for link in links], graph.gates)
    ids = [f"{number}" for number in range(len(places))]
    mine = points(graph, list(zip(places.link, places.from_u, places.leg, strict=True)), ids)
    moved = [(int(back[places.link[one]]) if places.link[one] >= 0 else -1, places.from_u[one], places.leg[one]) for one in order]
    theirs = points(other, moved, [ids[one] for one in order])
    first = nearest(network_of(graph, ADULT), {"a": mine, "b": mine}, limit)
    second = nearest(network_of(other, ADULT), {"a": theirs, "b": theirs}, limit, threads=2)
    assert first.distance.tolist() == second.distance.tolist()
    named = [[ids[order[place]] if place >= 0 else None for place in row] for row in second.place]
    assert [[ids[place] if place >= 0 else None for place in row] for row in first.place] == named


@given(st.data())
def test_categories_searched_neighbourhood_by_neighbourhood_find_what_each_finds_alone(data):
    network = network_of(data.draw(graphs()), ADULT)
    lists = {name: data.draw(on(network.graph)) for name in "abc"} | {"none": np.empty(0, np.int32)}
    limit = data.draw(LIMITS)
    alone = [nearest(network, {name: places}, limit) for name, places in lists.items()]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(near, "NEIGHBOURHOOD", 2)  # so that a network this small has several
        found = nearest(network, lists, limit, threads=data.draw(st.integers(1, 3)))
    for index, one in enumerate(alone):
        assert found.distance[index].tolist() == one.distance[0].tolist()
        assert found.place[index].tolist() == one.place[0].tolist()
