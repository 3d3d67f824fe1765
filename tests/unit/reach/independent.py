"""A second, slow opinion on walking: every point becomes a node of a plain dictionary, and a plain Dijkstra walks it."""

from __future__ import annotations

import heapq
from collections import defaultdict
from itertools import pairwise

from linli.reach.profiles import Way


def walk(network, **points):
    """Arcs in walking direction as {node: [(node, decimetres)]}: nodes are numbers, points are (name, index)."""
    graph, arcs = network.graph, defaultdict(list)
    on_link = defaultdict(list)
    for name, snapped in points.items():
        for index in range(len(snapped)):
            if snapped.link[index] >= 0:
                on_link[int(snapped.link[index])].append((int(snapped.from_u[index]), (name, index), int(snapped.leg[index])))
    for link in range(len(graph.u)):
        if not network.usable[link]:
            continue
        chain = [(0, int(graph.u[link]))]
        for at, point, leg in sorted(on_link[link]):
            if chain[-1] != (at, ("cut", link, at)):  # points on one spot are at one node
                chain.append((at, ("cut", link, at)))
            arcs[chain[-1][1]].append((point, leg))
            arcs[point].append((chain[-1][1], leg))
        chain.append((int(graph.length[link]), int(graph.v[link])))
        for (at, here), (to, there) in pairwise(chain):
            at_end = to == at and graph.length[link] > 0
            join(network, arcs, here, there, to - at, Way.PLAIN if at_end else Way(int(graph.kind[link])))
    for extra in network.extra:
        join(network, arcs, extra.u, extra.v, extra.length, extra.kind)
    return arcs


def join(network, arcs, here, there, length, kind):
    if any(isinstance(end, int) and not network.passable[end] for end in (here, there)):
        return
    if not kind & Way.BACKWARD:
        arcs[here].append((there, length))
    if not kind & Way.FORWARD:
        arcs[there].append((here, length))


def dijkstra(arcs, start):
    """Decimetres from a node to every other that can be reached."""
    found, row = {}, [(0, 0, start)]
    count = 0
    while row:
        far, _, here = heapq.heappop(row)
        if here in found:
            continue
        found[here] = far
        for there, length in arcs.get(here, ()):
            if there not in found:
                count += 1
                heapq.heappush(row, (far + length, count, there))
    return found


def ways(arcs, starts, ends, limit):
    """For each start what of the ends is within the limit: [{end index: decimetres}]."""
    rows = []
    for start in starts:
        found = dijkstra(arcs, start)
        rows.append({index: found[end] for index, end in enumerate(ends) if found.get(end, limit + 1) <= limit})
    return rows
