"""Compiled repair of what is kept per node after a change: what went by something lost is forgotten, and found anew from around it.

A slot is one of the `most` places kept of a node: slots of node n are n * most and on, nearest first.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from linli.reach.graph import Ints, Longs
from linli.reach.network import Bools
from linli.reach.search.buckets import FREE, LAST
from linli.reach.search.labels import NONE, offer, read_labels, run


@njit("i8(i8,i8,i8,i4[::1],i4[::1],b1[::1])", cache=True, nogil=True)
def _same(node: int, far: int, most: int, distance: Ints, place: Ints, lost: Bools) -> int:
    """Which slot of a node has the place and distance packed in `far`, and is not lost yet; -1 for none."""
    for slot in range(node * most, (node + 1) * most):
        if distance[slot] == far >> 32 and place[slot] == far & 0xFFFFFFFF and not lost[slot]:
            return slot
    return -1


@njit(
    "i4[::1](i8[::1],i4[::1],i4[::1],i4[::1],i4[::1],i4[::1],b1[::1],i8,i4[::1],i4[::1])",
    cache=True,
    nogil=True,
)
def lost_slots(
    first: Longs,
    to: Ints,
    length: Ints,
    gone_from: Ints,
    gone_to: Ints,
    gone_length: Ints,
    changed: Bools,
    most: int,
    distance: Ints,
    place: Ints,
) -> Ints:
    """Slots of a changed place, or whose way may have gone by an arc that is gone. Arcs are those before the change.

    A slot is lost when it is exactly as far as a lost one and the arc between them: all that are wrong now, and some that another way
    of the same length would have kept.
    """
    lost = np.zeros(len(place), np.bool_)
    found = np.empty(len(place), np.int32)
    count = 0
    for slot in range(len(place)):
        if place[slot] >= 0 and changed[place[slot]]:
            lost[slot] = True
            found[count] = slot
            count += 1
    for gone in range(len(gone_from)):
        for slot in range(gone_from[gone] * most, (gone_from[gone] + 1) * most):
            if distance[slot] >= 0:
                far = ((np.int64(distance[slot]) + gone_length[gone]) << 32) + place[slot]
                same = _same(gone_to[gone], far, most, distance, place, lost)
                if same >= 0:
                    lost[same] = True
                    found[count] = same
                    count += 1
    index = 0
    while index < count:
        slot = found[index]
        index += 1
        for arc in range(first[slot // most], first[slot // most + 1]):
            far = ((np.int64(distance[slot]) + length[arc]) << 32) + place[slot]
            same = _same(to[arc], far, most, distance, place, lost)
            if same >= 0:
                lost[same] = True
                found[count] = same
                count += 1
    return found[:count].copy()


@njit("void(i8,i8,i8,i8,i8,i8[::1],i4[::1],i4[::1],i4[::1])", cache=True, nogil=True)
def _pass_on(here: int, there: int, length: int, most: int, limit: int, label: Longs, head: Ints, after: Ints, before: Ints) -> None:
    """Offer what one node knows to another along an arc."""
    for slot in range(here * most, (here + 1) * most):
        if label[slot] != NONE:
            new = label[slot] + (length << 32)
            if new >> 32 <= limit:
                offer(there, new, most, label, head, after, before)


@njit(
    "void(i8[::1],i4[::1],i4[::1],i8[::1],i4[::1],i4[::1],i4[::1],i4[::1],i4[::1],i4[::1],"
    "i4[::1],i4[::1],i4[::1],i4[::1],i4[::1],i8,i8,i4[::1],i4[::1])",
    cache=True,
    nogil=True,
)
def repair(
    first: Longs,
    to: Ints,
    length: Ints,
    in_first: Longs,
    in_to: Ints,
    in_length: Ints,
    lost: Ints,
    new_from: Ints,
    new_to: Ints,
    new_length: Ints,
    node: Ints,
    cost: Ints,
    start_rank: Ints,
    rank: Ints,
    by_rank: Ints,
    most: int,
    limit: int,
    distance: Ints,
    place: Ints,
) -> None:
    """Write what is true after a change over what was before it. Arcs are those after it, in_… the same ones the other way round.

    lost: the slots that are forgotten. new_…: arcs that were added. node, cost, start_rank: starts that may be new to what is known.
    """
    label = np.empty(len(distance), np.int64)
    for slot in range(len(label)):
        label[slot] = (np.int64(distance[slot]) << 32) + rank[place[slot]] if distance[slot] >= 0 else NONE
    for slot in lost:
        label[slot] = NONE
    head = np.full(limit + 1, LAST, np.int32)
    after = np.full(len(label), FREE, np.int32)
    before = np.empty(len(label), np.int32)
    for slot in lost:
        one = slot // most
        for arc in range(in_first[one], in_first[one + 1]):
            _pass_on(in_to[arc], one, in_length[arc], most, limit, label, head, after, before)
    for new in range(len(new_from)):
        _pass_on(new_from[new], new_to[new], new_length[new], most, limit, label, head, after, before)
    for start in range(len(node)):
        if cost[start] <= limit:
            offer(node[start], (np.int64(cost[start]) << 32) + start_rank[start], most, label, head, after, before)
    run(first, to, length, most, limit, label, head, after, before)
    if most > 1:
        for one in range(len(label) // most):
            label[one * most : (one + 1) * most].sort()
    read_labels(label, by_rank, distance, place)
