"""Compiled searches that keep several places per node. A label is decimetres * 2**32 + rank: the smallest label is the nearest place.

A label is corrected whenever a smaller one is found, so that links of no length and any order of input give the same result.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from linli.reach.graph import Ints, Longs
from linli.reach.search.buckets import FREE, LAST, move, take_first

NONE = np.int64(2**63 - 1)


@njit("i8(i8,i8,i8,i8[::1])", cache=True, nogil=True)
def keep(node: int, new: int, most: int, label: Longs) -> int:
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
def offer(node: int, new: int, most: int, label: Longs, head: Ints, after: Ints, before: Ints) -> None:
    """Give a node a label; where it is kept its slot moves to the label's bucket."""
    slot = keep(node, new, most, label)
    if slot >= 0:
        move(slot, new >> 32, head, after, before)


@njit("void(i8[::1],i4[::1],i4[::1],i8,i8,i8[::1],i4[::1],i4[::1],i4[::1])", cache=True, nogil=True)
def run(first: Longs, to: Ints, length: Ints, most: int, limit: int, label: Longs, head: Ints, after: Ints, before: Ints) -> None:
    """Empty the buckets from the first to the last."""
    for bucket in range(limit + 1):
        slot = head[bucket]
        while slot != LAST:
            take_first(bucket, slot, head, after, before)
            node = slot // most
            found = label[slot]
            for arc in range(first[node], first[node + 1]):
                new = found + (np.int64(length[arc]) << 32)
                if new >> 32 <= limit:
                    offer(to[arc], new, most, label, head, after, before)
            slot = head[bucket]


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
            offer(node[start], (np.int64(cost[start]) << 32) + rank[start], most, label, head, after, before)
    run(first, to, length, most, limit, label, head, after, before)
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
                keep(home[start], ((np.int64(known) + cost[start]) << 32) + rank[place[node[start], slot]], most, label)
    for index in range(len(direct)):
        if direct[index] >> 32 <= limit:
            keep(direct_home[index], direct[index], most, label)
    for one in range(len(found_distance)):
        mine = label[one * most : (one + 1) * most]
        mine.sort()
        read_labels(mine, by_rank, found_distance[one], found_place[one])
