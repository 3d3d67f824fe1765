"""Which homes each candidate place would cover, and homes that are covered by just the same candidates put together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from linli.kernel.errors import LinliError, Place
from linli.reach.graph import Ints, Longs
from linli.reach.metric import Bools
from linli.reach.network import Network
from linli.reach.snapping import Snapped


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """Candidate c covers the homes home[first[c]:first[c + 1]], ascending and each once. homes: how many there are in all."""

    first: Longs
    home: Ints
    homes: int

    @property
    def candidates(self) -> int:
        return len(self.first) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """A cover both ways round whose homes have become groups: the homes that the same candidates cover, with their weights added up.

    first, group: the groups of each candidate; back, candidate: the candidates of each group. weight: of each group, above zero.
    """

    first: Longs
    group: Ints
    back: Longs
    candidate: Ints
    weight: Longs


def cover_of(candidate: npt.ArrayLike, home: npt.ArrayLike, *, candidates: int, homes: int) -> Cover:
    """The cover that says these pairs, in any order and however often. LinliError for a pair that names what there isn't."""
    which, whom = np.asarray(candidate, dtype=np.int64).ravel(), np.asarray(home, dtype=np.int64).ravel()
    if len(which) != len(whom):
        raise ValueError("as many candidates as homes: they are pairs")
    for name, values, most in (("candidate", which, candidates), ("home", whom, homes)):
        if len(values) and (values.min() < 0 or values.max() >= most):
            raise LinliError(
                "reach.cover",
                zh="覆盖表里有不存在的编号",
                en="The table of covers names something that isn't there.",
                place=Place(field=name),
                expected=f"0–{most - 1}",
                found=f"{values.min()}–{values.max()}",
                remedy_zh="核对候选点和住户的编号",
                remedy_en="check the numbers of candidates and homes",
            )
    pairs = np.unique(which * max(homes, 1) + whom)
    first = np.searchsorted(pairs, np.arange(candidates + 1, dtype=np.int64) * max(homes, 1))
    return Cover(first.astype(np.int64), (pairs % max(homes, 1)).astype(np.int32), homes)


def cover_within(network: Network, homes: Snapped, candidates: Snapped, limit: int) -> Cover:
    """The homes that can walk to each candidate within the limit (decimetres, itself included). Homes and candidates that have no place
    on the network cover nothing and are covered by nothing. Cost: that of reach.search.within()."""
    from linli.reach.search import within  # compiled code is loaded when it is first needed

    found = within(network, homes, candidates, limit)
    home = np.repeat(np.arange(len(homes)), np.diff(found.first))
    return cover_of(found.place, home, candidates=len(candidates), homes=len(homes))


def merged(cover: Cover, weight: Longs, usable: Bools) -> Merged:
    """Homes of no weight and candidates that can't be used are left out; candidates keep their numbers. Cost: the pairs, a few times."""
    first, home = _without(cover.first, cover.home, weight > 0, usable)
    label, groups = _labels(first, home, cover.homes)
    heavy = np.zeros(groups, dtype=np.int64)
    seen = label >= 0
    np.add.at(heavy, label[seen], weight[seen])
    first, group = _one_each(first, home, label, groups)
    back, candidate = _turned(first, group, groups)
    return Merged(first, group, back, candidate, heavy)


@njit(cache=True, nogil=True)
def _without(first, home, wanted, usable):  # type: ignore[no-untyped-def]
    kept, place, starts = np.empty(len(home), np.int32), 0, np.zeros(len(first), np.int64)
    for one in range(len(first) - 1):
        if usable[one]:
            for at in range(first[one], first[one + 1]):
                if wanted[home[at]]:
                    kept[place] = home[at]
                    place += 1
        starts[one + 1] = place
    return starts, kept[:place].copy()


@njit(cache=True, nogil=True)
def _labels(first, home, homes):  # type: ignore[no-untyped-def]
    """Every candidate splits the groups it meets; what is left together at the end has the same candidates. -1: covered by none."""
    label, size = np.zeros(homes, np.int64), np.zeros(len(home) + 1, np.int64)
    size[0] = homes
    moved, split = np.full(len(home) + 1, -1, np.int64), np.full(len(home) + 1, -1, np.int64)
    known = 1
    for one in range(len(first) - 1):
        for at in range(first[one], first[one + 1]):
            old = label[home[at]]
            if moved[old] != one:
                moved[old], split[old] = one, known
                known += 1
            size[old] -= 1
            size[split[old]] += 1
            label[home[at]] = split[old]
    number, groups = np.full(known, -1, np.int64), 0
    for at in range(len(home)):
        if number[label[home[at]]] < 0:
            number[label[home[at]]] = groups
            groups += 1
    for one in range(homes):
        label[one] = number[label[one]]
    return label, groups


@njit(cache=True, nogil=True)
def _one_each(first, home, label, groups):  # type: ignore[no-untyped-def]
    seen, kept, place, starts = np.full(groups, -1, np.int64), np.empty(len(home), np.int32), 0, np.zeros(len(first), np.int64)
    for one in range(len(first) - 1):
        for at in range(first[one], first[one + 1]):
            group = label[home[at]]
            if seen[group] != one:
                seen[group] = one
                kept[place] = group
                place += 1
        starts[one + 1] = place
    return starts, kept[:place].copy()


@njit(cache=True, nogil=True)
def _turned(first, inner, count):  # type: ignore[no-untyped-def]
    """The same pairs by their second half, in ascending order of the first."""
    starts = np.zeros(count + 1, np.int64)
    for at in range(len(inner)):
        starts[inner[at] + 1] += 1
    for one in range(count):
        starts[one + 1] += starts[one]
    place, outer = starts[:-1].copy(), np.empty(len(inner), np.int32)
    for one in range(len(first) - 1):
        for at in range(first[one], first[one + 1]):
            outer[place[inner[at]]] = one
            place[inner[at]] += 1
    return starts, outer
