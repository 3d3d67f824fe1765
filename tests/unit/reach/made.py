"""Small networks to walk on: random ones with every trap in them, and a town in squares."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from linli.reach.graph import Gate, Graph, Origin
from linli.reach.network import network_of
from linli.reach.profiles import PROFILES, Way
from linli.reach.search import kernels, labels
from linli.reach.snapping import Snapped

COMPILED = kernels, labels  # loaded here, so that no drawing of an example has to wait for it
ORIGIN = Origin("made for a test", "none", "WGS-84")


def graph_of(nodes, links, gates=()):
    """links: (u, v, length, kind)."""
    columns = list(zip(*links, strict=True)) or [(), (), (), ()]
    u, v, length, kind = (np.array(column, dtype) for column, dtype in zip(columns, (np.int32, np.int32, np.int32, np.uint16), strict=True))
    spot = np.arange(nodes, dtype=np.float64) / 1000
    way = np.full(len(u), -1, np.int64)
    return Graph(np.arange(nodes, dtype=np.int64), 111 + spot, 35 + spot % 0.007, u, v, length, kind, way, ORIGIN, tuple(gates))


def points(graph, rows, ids=None):
    """Points joined to links: rows of (link, from_u, leg); link -1 for one that isn't joined."""
    link, from_u, leg = (np.array([row[part] for row in rows], np.int32) for part in range(3))
    from_v = np.where(link >= 0, graph.length[np.maximum(link, 0)] - from_u, 0).astype(np.int32) if len(graph.u) else from_u
    return Snapped(link, from_u, from_v, leg, (link < 0).astype(np.int8), ids)


KINDS = st.sampled_from([Way.PLAIN] * 5 + [Way.FORWARD, Way.BACKWARD, Way.STEPS, Way.STEPS | Way.FORWARD])


@st.composite
def graphs(draw):
    """Few nodes and short links, so that ties, links of no length, parallel ones and islands are common; some gates, some kerbs."""
    nodes = draw(st.integers(2, 9))
    node = st.integers(0, nodes - 1)
    ends = st.tuples(node, node).filter(lambda pair: pair[0] != pair[1])
    links = draw(st.lists(st.tuples(ends, st.integers(0, 8), KINDS), min_size=1, max_size=14))
    gates = [Gate(one, f"gate {one}") for one in sorted(draw(st.sets(node, max_size=3)))]
    narrow = tuple(sorted(draw(st.sets(node, max_size=2))))
    return replace(graph_of(nodes, [(*pair, length, int(kind)) for pair, length, kind in links], gates), narrow=narrow)


@st.composite
def networks(draw):
    graph = draw(graphs())
    shut = draw(st.sets(st.sampled_from([gate.key for gate in graph.gates]))) if graph.gates else set()
    return network_of(graph, PROFILES[draw(st.sampled_from(["adult", "wheelchair"]))], shut=shut)


@st.composite
def on(draw, graph, least=0, most=6, ids=False):
    """Points on the graph's links, some at an end, some on the same spot, some not joined."""
    rows = []
    for _ in range(draw(st.integers(least, most))):
        link = draw(st.integers(-1, len(graph.u) - 1))
        at = draw(st.integers(0, int(graph.length[link]))) if link >= 0 else 0
        rows.append((link, at, draw(st.integers(0, 3))))
    return points(graph, rows, [f"{number:02d}" for number in draw(st.permutations(range(len(rows))))] if ids else None)


def order_of(places):
    """Which place goes first of two as near: by id, else by where it is."""
    name = places.ids or [""] * len(places)
    keys = [(name[i], int(places.link[i]), int(places.from_u[i]), int(places.leg[i]), i) for i in range(len(places))]
    return {index: number for number, (*_, index) in enumerate(sorted(keys))}
