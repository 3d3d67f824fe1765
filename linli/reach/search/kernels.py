"""Compiled searches. A label is decimetres * 2**32 + rank of the place: the smallest label is the nearest place, ties decided by rank.

All of them take nodes out of a row of buckets, one per decimetre up to the limit (Dial 1969), and correct a label whenever a smaller one
is found, so that links of no length and any order of input give the same result. Each is compiled once, for one set of types.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from linli.reach.graph import Ints, Longs
from linli.reach.network import Bools

NONE = np.int64(2**63 - 1)
FREE, LAST = np.int32(-2), np.int32(-1)


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


@njit("void(i4,i4,i4[::1],i4[::1],i4[::1])", cache=True, nogil=True, inline="always")
def _link(slot: int, bucket: int, head: Ints, after: Ints, before: Ints) -> None:
    """Put a slot into a bucket."""
    old = head[bucket]
    after[slot] = old
    before[slot] = LAST - np.int32(2) - np.int32(bucket)
    if old != LAST:
        before[old] = slot
    head[bucket] = slot


@njit("void(i4,i4[::1],i4[::1],i4[::1])", cache=True, nogil=True, inline="always")
def _unlink(slot: int, head: Ints, after: Ints, before: Ints) -> None:
    """Take a slot out of its bucket, if it is in one."""
    if after[slot] == FREE:
        return
    ahead, behind = before[slot], after[slot]
    if ahead >= 0:
        after[ahead] = behind
    else:
        head[LAST - np.int32(2) - ahead] = behind
    if behind != LAST:
        before[behind] = ahead
    after[slot] = FREE


@njit("i8(i8,i8,i8,i8[::1])", cache=True, nogil=True)
def _keep(node: int, new: int, most: int, label: Longs) -> int:
    """Put a label into one of the `most` slots of a node, if it is better than what is there, and say which slot, or -1.

    A place has one slot at most.
    """
    rank = new & 0xFFFFFFFF
    start = node * most
    worst = start
    for slot in range(start, start + most):
        if label[slot] != NONE and label[slot] & 0xFFFFFFFF == rank:
            worst = slot
            break
        if label[slot] > label[worst]:
            worst = slot
    if new >= label[worst]:
        return -1
    label[worst] = new
    return worst


@njit("void(i8,i8,i8,i8[::1],i4[::1],i4[::1],i4[::1])", cache=True, nogil=True)
def _offer(node: int, new: int, most: int, label: Longs, head: Ints, after: Ints, before: Ints) -> None:
    """Give a node a label; where it is kept its slot moves to the label's bucket."""
    slot = _keep(node, new, most, label)
    if slot >= 0:
        _unlink(slot, head, after, before)
        _link(slot, new >> 32, head, after, before)


@njit("void(i8[::1],i4[::1],i4[::1],i8,i8,i8[::1],i4[::1],i4[::1],i4[::1])", cache=True, nogil=True)
def _run(first: Longs, to: Ints, length: Ints, most: int, limit: int, label: Longs, head: Ints, after: Ints, before: Ints) -> None:
    """Empty the buckets from the first to the last."""
    for bucket in range(limit + 1):
        while head[bucket] != LAST:
            slot = head[bucket]
            _unlink(slot, head, after, before)
            node = slot // most
            found = label[slot]
            for arc in range(first[node], first[node + 1]):
                new = found + (np.int64(length[arc]) << 32)
                if new >> 32 <= limit:
                    _offer(to[arc], new, most, label, head, after, before)


@njit("i8[::1](i8[::1],i4[::1],i4[::1],i4[::1],i4[::1],i4[::1],i8,i8)", cache=True, nogil=True)
def nearest_labels(first: Longs, to: Ints, length: Ints, node: Ints, cost: Ints, rank: Ints, most: int, limit: int) -> Longs:
    """The `most` smallest labels of every node, ascending, NONE where there are fewer; nodes * most of them."""
    nodes = len(first) - 1
    label = np.full(nodes * most, NONE, np.int64)
    head = np.full(limit + 1, LAST, np.int32)
    after = np.full(nodes * most, FREE, np.int32)
    before = np.empty(nodes * most, np.int32)
    for start in range(len(node)):
        if cost[start] <= limit:
            _offer(node[start], (np.int64(cost[start]) << 32) + rank[start], most, label, head, after, before)
    _run(first, to, length, most, limit, label, head, after, before)
    if most > 1:
        for one in range(nodes):
            label[one * most : (one + 1) * most].sort()
    return label


@njit("void(i8[::1],i4[::1],i4[::1],i4[::1])", cache=True, nogil=True)
def read_labels(labels: Longs, by_rank: Ints, distance: Ints, place: Ints) -> None:
    """Decimetres and places out of labels, -1 for NONE."""
    for index in range(len(labels)):
        if labels[index] == NONE:
            distance[index] = -1
            place[index] = -1
        else:
            distance[index] = labels[index] >> 32
            place[index] = by_rank[labels[index] & 0xFFFFFFFF]


@njit("i8(i8[::1],i4[::1],i4[::1],i4[::1],i4[::1],i8,i8,i8,i8[::1],i4[::1],i4[::1],i4[::1],i4[::1])", cache=True, nogil=True)
def _ball(
    first: Longs,
    to: Ints,
    length: Ints,
    node: Ints,
    cost: Ints,
    start: int,
    end: int,
    limit: int,
    label: Longs,
    head: Ints,
    after: Ints,
    before: Ints,
    seen: Ints,
) -> int:
    """Decimetres to every node within the limit of one place, in label; how many there are, listed in seen."""
    count = 0
    for index in range(start, end):
        if cost[index] <= limit and cost[index] < label[node[index]]:
            if label[node[index]] == NONE:
                seen[count] = node[index]
                count += 1
            label[node[index]] = cost[index]
            _unlink(node[index], head, after, before)
            _link(node[index], cost[index], head, after, before)
    for bucket in range(limit + 1):
        while head[bucket] != LAST:
            here = head[bucket]
            _unlink(here, head, after, before)
            for arc in range(first[here], first[here + 1]):
                new, there = label[here] + length[arc], to[arc]
                if new <= limit and new < label[there]:
                    if label[there] == NONE:
                        seen[count] = there
                        count += 1
                    label[there] = new
                    _unlink(there, head, after, before)
                    _link(there, new, head, after, before)
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
    label = np.full(nodes, NONE, np.int64)
    head = np.full(limit + 1, LAST, np.int32)
    after = np.full(nodes, FREE, np.int32)
    before = np.empty(nodes, np.int32)
    seen = np.empty(nodes, np.int32)
    row = np.zeros(places + 1, np.int64)
    which, decimetres = np.empty(1024, np.int32), np.empty(1024, np.int32)
    filled = 0
    for place in range(places):
        count = _ball(first, to, length, node, cost, start_first[place], start_first[place + 1], limit, label, head, after, before, seen)
        if filled + count > len(which):
            which, decimetres = _longer(which, filled + count), _longer(decimetres, filled + count)
        for index in range(count):
            one = seen[index]
            if one >= wanted_from:
                which[filled], decimetres[filled] = one, np.int32(label[one])
                filled += 1
            label[one] = NONE
        row[place + 1] = filled
    return row, which[:filled].copy(), decimetres[:filled].copy()


@njit("void(i8[::1],i4[::1],i4[::1],i4[::1],i4[::1],i4[::1],i4[::1],i8,i4[::1])", cache=True, nogil=True)
def add_counts(
    first: Longs, to: Ints, length: Ints, start_first: Ints, node: Ints, cost: Ints, weight: Ints, limit: int, counts: Ints
) -> None:
    """Add each place's weight to every node within the limit of it."""
    nodes = len(first) - 1
    label = np.full(nodes, NONE, np.int64)
    head = np.full(limit + 1, LAST, np.int32)
    after = np.full(nodes, FREE, np.int32)
    before = np.empty(nodes, np.int32)
    seen = np.empty(nodes, np.int32)
    for place in range(len(start_first) - 1):
        count = _ball(first, to, length, node, cost, start_first[place], start_first[place + 1], limit, label, head, after, before, seen)
        for index in range(count):
            counts[seen[index]] += weight[place]
            label[seen[index]] = NONE


@njit(
    "void(i4[::1],i4[::1],i4[::1],i4[::1],i8[::1],i4[:,:],i4[:,:],i4[::1],i4[::1],i8,i4[:,::1],i4[:,::1])",
    cache=True,
    nogil=True,
)
def merge_labels(
    node: Ints,
    cost: Ints,
    home: Ints,
    direct_home: Ints,
    direct: Longs,
    distance: Ints,
    place: Ints,
    rank: Ints,
    by_rank: Ints,
    limit: int,
    found_distance: Ints,
    found_place: Ints,
) -> None:
    """Of each home the smallest labels: those of the nodes beside it with the way there added, and those on its own link."""
    most = found_distance.shape[1]
    label = np.full(len(found_distance) * most, NONE, np.int64)
    for start in range(len(node)):
        for slot in range(most):
            known = distance[node[start], slot]
            if known >= 0 and np.int64(known) + cost[start] <= limit:
                _keep(home[start], ((np.int64(known) + cost[start]) << 32) + rank[place[node[start], slot]], most, label)
    for index in range(len(direct)):
        if direct[index] >> 32 <= limit:
            _keep(direct_home[index], direct[index], most, label)
    for one in range(len(found_distance)):
        mine = label[one * most : (one + 1) * most]
        mine.sort()
        read_labels(mine, by_rank, found_distance[one], found_place[one])
