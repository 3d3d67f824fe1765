"""A row of buckets, one per decimetre up to a limit (Dial 1969): what waits in them is taken out nearest first.

Each slot waits in one bucket at most. head: the first slot of each bucket; after, before: its neighbours there. Compiled once each.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from linli.reach.graph import Ints

FREE, LAST = np.int32(-2), np.int32(-1)


@njit(inline="always")
def move(slot: int, bucket: int, head: Ints, after: Ints, before: Ints) -> None:
    """Put a slot into a bucket, out of the one it may wait in."""
    behind = after[slot]
    if behind != FREE:
        ahead = before[slot]
        if ahead >= 0:
            after[ahead] = behind
        else:
            head[-3 - ahead] = behind
        if behind != LAST:
            before[behind] = ahead
    old = head[bucket]
    after[slot] = old
    before[slot] = -3 - bucket
    if old != LAST:
        before[old] = slot
    head[bucket] = slot


@njit(inline="always")
def take_first(bucket: int, slot: int, head: Ints, after: Ints, before: Ints) -> None:
    """Take the first slot out of a bucket."""
    behind = after[slot]
    head[bucket] = behind
    after[slot] = FREE
    if behind != LAST:
        before[behind] = -3 - bucket
