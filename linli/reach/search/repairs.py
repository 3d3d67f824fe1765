"""Compiled repair of what is kept per node after a change: what went by something lost is forgotten, and found anew from around it.

A slot is one of the `most` places kept of a node: slots of node n are n * most and on, nearest first.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from linli.reach.graph import Ints, Longs
from linli.reach.metric import Bools
from linli.reach.search.buckets import FREE, LAST, move, take_first
from linli.reach.search.labels import NONE


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


@njit("i8(i8,i4[::1],i4[::1],i4[::1])", cache=True, nogil=True)
def _label(slot: int, distance: Ints, place: Ints, rank: Ints) -> int:
    """What a slot goes by, as in reach.search.labels; NONE for an empty one."""
    if distance[slot] < 0:
        return int(NONE)
    return int((np.int64(distance[slot]) << 32) + rank[place[slot]])


@njit("void(i8,i8,i8,i8,i4[::1],i4[::1],i4[::1],i4[::1],i4[::1],i4[::1])", cache=True, nogil=True)
def _offer(
    node: int, far: int, which: int, most: int, distance: Ints, place: Ints, rank: Ints, head: Ints, after: Ints, before: Ints
) -> None:
    """Give a node a place so far away, if it is better than what is there; its slot then waits to pass it on.

    A place has one slot at most.
    """
    worst = node * most
    worst_label = _label(worst, distance, place, rank)
    for slot in range(node * most, (node + 1) * most):
        label = _label(slot, distance, place, rank)
        if place[slot] == which:
            worst, worst_label = slot, label
            break
        if label > worst_label:
            worst, worst_label = slot, label
    if (far << 32) + rank[which] < worst_label:
        distance[worst] = far
        place[worst] = which
        move(worst, far, head, after, before)


@njit("void(i8,i8,i8,i8,i8,i4[::1],i4[::1],i4[::1],i4[::1],i4[::1],i4[::1])", cache=True, nogil=True)
def _pass_on(
    here: int,
    there: int,
    length: int,
    most: int,
    limit: int,
    distance: Ints,
    place: Ints,
    rank: Ints,
    head: Ints,
    after: Ints,
    before: Ints,
) -> None:
    """Offer what one node knows to another along an arc."""
    for slot in range(here * most, (here + 1) * most):
        if distance[slot] >= 0 and distance[slot] + length <= limit:
            _offer(there, distance[slot] + length, place[slot], most, distance, place, rank, head, after, before)


@njit("void(i8[::1],i4[::1],i4[::1],i8,i8,i4[::1],i4[::1],i4[::1],i4[::1],i4[::1],i4[::1])", cache=True, nogil=True)
def _spread(
    first: Longs,
    to: Ints,
    length: Ints,
    most: int,
    limit: int,
    distance: Ints,
    place: Ints,
    rank: Ints,
    head: Ints,
    after: Ints,
    before: Ints,
) -> None:
    """Empty the buckets from the first to the last."""
    for bucket in range(limit + 1):
        slot = head[bucket]
        while slot != LAST:
            take_first(bucket, slot, head, after, before)
            for arc in range(first[slot // most], first[slot // most + 1]):
                far = bucket + np.int64(length[arc])
                if far <= limit:
                    _offer(to[arc], far, place[slot], most, distance, place, rank, head, after, before)
            slot = head[bucket]


@njit("void(i8,i4[::1],i4[::1],i4[::1])", cache=True, nogil=True)
def _sort(most: int, distance: Ints, place: Ints, rank: Ints) -> None:
    """Put the slots of every node in order, empty ones last."""
    for slot in range(len(distance)):
        at = slot
        while at % most and _label(at, distance, place, rank) < _label(at - 1, distance, place, rank):
            distance[at], distance[at - 1] = distance[at - 1], distance[at]
            place[at], place[at - 1] = place[at - 1], place[at]
            at -= 1


@njit(
    "void(i8[::1],i4[::1],i4[::1],i8[::1],i4[::1],i4[::1],i4[::1],i4[::1],i4[::1],i4[::1],"
    "i4[::1],i4[::1],i4[::1],i4[::1],i8,i8,i4[::1],i4[::1])",
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
    which: Ints,
    rank: Ints,
    most: int,
    limit: int,
    distance: Ints,
    place: Ints,
) -> None:
    """Write what is true after a change over what was before it. Arcs are those after it, in_… the same ones the other way round.

    lost: the slots that are forgotten. new_…: arcs that were added. node, cost, which: starts that may be new to what is known, with
    their places. rank: of each place.
    """
    for slot in lost:
        distance[slot] = -1
        place[slot] = -1
    head = np.full(limit + 1, LAST, np.int32)
    after = np.full(len(distance), FREE, np.int32)
    before = np.empty(len(distance), np.int32)
    for slot in lost:
        one = slot // most
        for arc in range(in_first[one], in_first[one + 1]):
            _pass_on(in_to[arc], one, in_length[arc], most, limit, distance, place, rank, head, after, before)
    for new in range(len(new_from)):
        _pass_on(new_from[new], new_to[new], new_length[new], most, limit, distance, place, rank, head, after, before)
    for start in range(len(node)):
        if cost[start] <= limit:
            _offer(node[start], cost[start], which[start], most, distance, place, rank, head, after, before)
    _spread(first, to, length, most, limit, distance, place, rank, head, after, before)
    if most > 1:
        _sort(most, distance, place, rank)
