"""Compiled searches over arcs: the nearest place of every node, and everything within a limit of single places.

A distance is corrected whenever a smaller one is found, so that links of no length and any order of input give the same result. Each is
compiled once, for one set of types, and kept on disk.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from linli.reach.graph import Ints, Longs
from linli.reach.metric import Bools
from linli.reach.search.buckets import FREE, LAST, move, take_first


@njit("Tuple((i8[::1],i4[::1],i4[::1]))(i8,i4[::1],i4[::1],i4[::1],b1[::1],b1[::1])", cache=True, nogil=True)
def arcs(nodes: int, u: Ints, v: Ints, length: Ints, ahead: Bools, back: Bools) -> tuple[Longs, Ints, Ints]:
    """Arcs by the node they leave: from u to v where `ahead`, from v to u where `back`."""
    first = np.zeros(nodes + 1, np.int64)
    for link in range(len(u)):
        if ahead[link]:
            first[u[link] + 1] += 1
        if back[link]:
            first[v[link] + 1] += 1
    for node in range(nodes):
        first[node + 1] += first[node]
    fill = first[:-1].copy()
    to = np.empty(first[nodes], np.int32)
    along = np.empty(first[nodes], np.int32)
    for link in range(len(u)):
        if ahead[link]:
            place = fill[u[link]]
            to[place], along[place] = v[link], length[link]
            fill[u[link]] = place + 1
        if back[link]:
            place = fill[v[link]]
            to[place], along[place] = u[link], length[link]
            fill[v[link]] = place + 1
    return first, to, along


@njit("void(i8[::1],i4[::1],i4[::1],i4[::1],i8)", cache=True, nogil=True)
def _read(label: Longs, found: Ints, spare: Ints, by_rank: Ints, beyond: int) -> None:
    """Labels as decimetres and then places, in the memory that they are in: what is written lies behind what is still to be read."""
    nodes = len(label)
    for node in range(nodes):
        known = label[node]
        found[node] = known >> 32 if known < beyond else -1
        spare[node] = by_rank[known & 0xFFFFFFFF] if known < beyond else -1
    for node in range(nodes):
        found[nodes + node] = spare[node]


@njit(
    "void(i8[::1],i4[::1],i4[::1],i4[::1],i4[::1],i4[::1],i8[::1],i8[::1],i4[::1],i8,i8[:,::1],i4[:,::1])",
    cache=True,
    nogil=True,
)
def nearest_places(
    first: Longs,
    to: Ints,
    length: Ints,
    node: Ints,
    cost: Ints,
    rank: Ints,
    groups: Longs,
    row: Longs,
    by_rank: Ints,
    limit: int,
    labels: Longs,
    found: Ints,
) -> None:
    """Write every node's decimetres to its nearest place and then all their places, -1 for none, in a row of `found` for each list.

    Starts are gone through by group, from groups[g] to groups[g + 1], which is of list row[g]: those of a neighbourhood together, list
    after list, so that a search stays within what the processor holds near. The result is the same for any groups. labels: the same
    memory as `found`, where a search keeps decimetres * 2**32 + rank of every node: the smallest is the nearest, ties by rank.
    """
    nodes, beyond = labels.shape[1], np.int64(limit + 1) << 32
    labels[:] = beyond
    head = np.full(limit + 1, LAST, np.int32)
    after = np.full(nodes, FREE, np.int32)
    before = np.empty(nodes, np.int32)
    for group in range(len(groups) - 1):
        label = labels[row[group]]
        for start in range(groups[group], groups[group + 1]):
            new = (np.int64(cost[start]) << 32) + rank[start]
            if new < label[node[start]]:
                label[node[start]] = new
                move(node[start], new >> 32, head, after, before)
        for bucket in range(limit + 1):
            here = head[bucket]
            while here != LAST:
                take_first(bucket, here, head, after, before)
                for arc in range(first[here], first[here + 1]):
                    new, there = label[here] + (np.int64(length[arc]) << 32), to[arc]
                    if new < label[there]:
                        label[there] = new
                        move(there, new >> 32, head, after, before)
                here = head[bucket]
    for one in range(len(labels)):
        _read(labels[one], found[one], before, by_rank, beyond)


@njit(inline="always")
def _nearer(node: int, far: int, limit: int, distance: Ints, head: Ints, after: Ints, before: Ints, seen: Ints, count: int) -> int:
    """Bring a node nearer, if it is; how many have been seen by then."""
    known = distance[node]
    if far >= known:
        return count
    distance[node] = far
    move(node, far, head, after, before)
    if known <= limit:
        return count
    seen[count] = node
    return count + 1


@njit("i8(i8[::1],i4[::1],i4[::1],i4[::1],i4[::1],i8,i8,i8,i4[::1],i4[::1],i4[::1],i4[::1],i4[::1])", cache=True, nogil=True)
def _ball(
    first: Longs,
    to: Ints,
    length: Ints,
    node: Ints,
    cost: Ints,
    start: int,
    end: int,
    limit: int,
    distance: Ints,
    head: Ints,
    after: Ints,
    before: Ints,
    seen: Ints,
) -> int:
    """Decimetres to every node within the limit of one place; how many there are, listed in seen. It starts with limit + 1 everywhere."""
    count = 0
    for index in range(start, end):
        count = _nearer(node[index], cost[index], limit, distance, head, after, before, seen, count)
    for bucket in range(limit + 1):
        here = head[bucket]
        while here != LAST:
            take_first(bucket, here, head, after, before)
            for arc in range(first[here], first[here + 1]):
                count = _nearer(to[arc], bucket + np.int64(length[arc]), limit, distance, head, after, before, seen, count)
            here = head[bucket]
    return count


@njit("i4[::1](i4[::1],i8)", cache=True, nogil=True)
def _longer(array: Ints, least: int) -> Ints:
    """The array with room for more."""
    wider = np.empty(max(2 * len(array), least), np.int32)
    wider[: len(array)] = array
    return wider


@njit("Tuple((i8[::1],i4[::1],i4[::1]))(i8[::1],i4[::1],i4[::1],i4[::1],i4[::1],i4[::1],i4,i8)", cache=True, nogil=True)
def reached(
    first: Longs, to: Ints, length: Ints, start_first: Ints, node: Ints, cost: Ints, wanted_from: int, limit: int
) -> tuple[Longs, Ints, Ints]:
    """For each place the nodes from `wanted_from` on within the limit: where its rows begin, the nodes and their decimetres.

    start_first: where the starts of each place begin among node and cost.
    """
    nodes, places = len(first) - 1, len(start_first) - 1
    distance = np.full(nodes, limit + 1, np.int32)
    head = np.full(limit + 1, LAST, np.int32)
    after = np.full(nodes, FREE, np.int32)
    before = np.empty(nodes, np.int32)
    seen = np.empty(nodes, np.int32)
    row = np.zeros(places + 1, np.int64)
    which, decimetres = np.empty(1024, np.int32), np.empty(1024, np.int32)
    filled = 0
    for place in range(places):
        count = _ball(first, to, length, node, cost, start_first[place], start_first[place + 1], limit, distance, head, after, before, seen)
        if filled + count > len(which):
            which, decimetres = _longer(which, filled + count), _longer(decimetres, filled + count)
        for index in range(count):
            one = seen[index]
            if one >= wanted_from:
                which[filled], decimetres[filled] = one, distance[one]
                filled += 1
            distance[one] = limit + 1
        row[place + 1] = filled
    return row, which[:filled].copy(), decimetres[:filled].copy()


@njit("void(i8[::1],i4[::1],i4[::1],i4[::1],i4[::1],i4[::1],i4[::1],i8,i4[::1])", cache=True, nogil=True)
def add_counts(
    first: Longs, to: Ints, length: Ints, start_first: Ints, node: Ints, cost: Ints, weight: Ints, limit: int, counts: Ints
) -> None:
    """Add each place's weight to every node within the limit of it."""
    nodes = len(first) - 1
    distance = np.full(nodes, limit + 1, np.int32)
    head = np.full(limit + 1, LAST, np.int32)
    after = np.full(nodes, FREE, np.int32)
    before = np.empty(nodes, np.int32)
    seen = np.empty(nodes, np.int32)
    for place in range(len(start_first) - 1):
        count = _ball(first, to, length, node, cost, start_first[place], start_first[place + 1], limit, distance, head, after, before, seen)
        for index in range(count):
            counts[seen[index]] += weight[place]
            distance[seen[index]] = limit + 1
