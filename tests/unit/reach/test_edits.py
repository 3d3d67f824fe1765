"""What is true after a change is what a computation from the beginning would find, whatever changed."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.kernel.errors import LinliError
from linli.reach.network import Link, network_of
from linli.reach.profiles import PROFILES, Way
from linli.reach.search import (
    Closed,
    GateOpened,
    GateShut,
    LinkAdded,
    LinkRemoved,
    Moved,
    Opened,
    counts,
    counts_after,
    nearest,
    nearest_after,
    network_after,
    places_after,
    repairs,
    several,
    several_after,
)
from tests.unit.reach.made import graph_of, networks, on, points

COMPILED = repairs  # loaded here, so that no drawing of an example has to wait for it


@st.composite
def edits_of(draw, network, sizes):
    """One change after another; sizes: how many places each category has, kept up as places open."""
    graph = network.graph
    gate = st.sampled_from([one.key for one in graph.gates]) if graph.gates else st.nothing()
    node = st.integers(0, len(graph.key) - 1)
    category = st.sampled_from(sorted(sizes))
    point = on(graph, least=1, most=1)
    kinds = [
        st.builds(GateShut, gate),
        st.builds(GateOpened, gate),
        st.builds(LinkRemoved, st.integers(0, len(graph.u) - 1)),
        st.builds(LinkAdded, st.builds(Link, node, node, st.integers(0, 6), st.sampled_from([Way.BRIDGE, Way.FORWARD, Way.STEPS]))),
        st.builds(Opened, category, point),
    ]
    made = []
    for _ in range(draw(st.integers(1, 4))):
        one = draw(category)
        there = st.integers(0, sizes[one] - 1) if sizes[one] else st.nothing()
        places = [st.builds(Closed, st.just(one), there), st.builds(Moved, st.just(one), there, point)]
        made.append(draw(st.one_of(*kinds, *places)))
        if isinstance(made[-1], Opened):
            sizes[made[-1].category] += 1
    return made


@st.composite
def changes(draw):
    network = draw(networks())
    places = {name: draw(on(network.graph, ids=draw(st.booleans()))) for name in ("a", "b")}
    edits = draw(edits_of(network, {name: len(one) for name, one in places.items()}))
    return network, places, edits, draw(st.integers(0, 25))


def after(network, places, edits):
    return network_after(network, edits), {name: places_after(one, name, edits) for name, one in places.items()}


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(changes())
def test_the_nearest_after_a_change(change):
    network, places, edits, limit = change
    mine = nearest_after(nearest(network, places, limit), edits)
    theirs = nearest(*after(network, places, edits), limit)
    assert mine.distance.tolist() == theirs.distance.tolist()
    assert mine.place.tolist() == theirs.place.tolist()


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(changes(), st.integers(1, 4))
def test_several_nearest_after_a_change(change, k):
    network, places, edits, limit = change
    mine = several_after(several(network, places["a"], k, limit), edits, category="a")
    changed, left = after(network, places, edits)
    theirs = several(changed, left["a"], k, limit)
    assert mine.distance.tolist() == theirs.distance.tolist()
    assert mine.place.tolist() == theirs.place.tolist()


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(changes())
def test_counts_after_a_change(change):
    network, places, edits, limit = change
    mine = counts_after(counts(network, places, limit), edits)
    assert mine.counts.tolist() == counts(*after(network, places, edits), limit).counts.tolist()


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(changes(), st.data())
def test_changes_can_follow_each_other(change, data):
    network, places, edits, limit = change
    found = nearest(network, places, limit)
    for edit in edits:
        found = nearest_after(found, [edit])
    whole = nearest(*after(network, places, edits), limit)
    assert found.distance.tolist() == whole.distance.tolist()
    assert found.place.tolist() == whole.place.tolist()


def test_a_river_with_one_bridge_and_a_gate():
    """Two banks of three corners each, 100 dm apart, a bridge at one end and a gate on the other bank."""
    from linli.reach.graph import Gate

    banks = [(0, 1, 100, 0), (1, 2, 100, 0), (3, 4, 100, 0), (4, 5, 100, 0), (0, 3, 50, int(Way.BRIDGE))]
    graph = graph_of(6, banks, [Gate(4, "east gate")])
    network = network_of(graph, PROFILES["adult"])
    found = nearest(network, {"shop": [5]}, 1000)
    assert found.distance[0].tolist() == [250, 350, 450, 200, 100, 0]
    shut = nearest_after(found, [GateShut("east gate")])
    assert shut.distance[0].tolist() == [-1, -1, -1, -1, -1, 0]
    bridged = nearest_after(shut, [LinkAdded(Link(2, 5, 60))])
    assert bridged.distance[0].tolist() == [260, 160, 60, 310, -1, 0]
    assert nearest_after(bridged, [GateOpened("east gate")]).distance[0].tolist() == [250, 160, 60, 200, 100, 0]
    assert nearest_after(found, [LinkRemoved(4)]).distance[0].tolist() == [-1, -1, -1, 200, 100, 0]
    opened = nearest_after(found, [Opened("shop", 0), Closed("shop", 0)])
    assert (opened.distance[0].tolist(), opened.place[0].tolist()) == ([0, 100, 200, 50, 150, 250], [1] * 6)
    assert nearest_after(found, [Moved("shop", 0, 0)]).place[0].tolist() == [0] * 6


def test_what_is_not_there_is_refused():
    graph = graph_of(2, [(0, 1, 10, 0)])
    found = nearest(network_of(graph, PROFILES["adult"]), {"a": points(graph, [(0, 3, 0)])}, 100)
    for edit in (GateShut("no such gate"), LinkRemoved(7), LinkAdded(Link(0, 9))):
        with pytest.raises(LinliError):
            nearest_after(found, [edit])
    with pytest.raises(IndexError):
        nearest_after(found, [Closed("a", 5)])
    with pytest.raises(KeyError):
        nearest_after(found, [Closed("b", 0)])
