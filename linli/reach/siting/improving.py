"""Good plans fast: the best candidate again and again, then exchanges of one for another as long as one helps."""

from __future__ import annotations

import numpy as np
from numba import njit

from linli.reach.graph import Longs
from linli.reach.metric import Bools
from linli.reach.siting.cover import Merged


def chosen_greedily(merged: Merged, cost: Longs, chosen: Bools, *, places: int, budget: int, by_cost: bool) -> Bools:
    """`chosen` and further candidates up to `places` and `budget` in all: each time the one with the most new weight, or the most for its
    cost; of equals the first. Cost: every pair once, and the candidates once per place."""
    return np.asarray(_greedy(*_arrays(merged), cost, chosen.copy(), places, budget, by_cost), dtype=np.bool_)


def exchanged(merged: Merged, cost: Longs, chosen: Bools, *, places: int, budget: int) -> Bools:
    """No single addition and no exchange of one chosen candidate for another makes the result better. Cost: the pairs, some times over."""
    return np.asarray(exchange(*_arrays(merged), cost, chosen.copy(), places, budget), dtype=np.bool_)


def weight_of(merged: Merged, chosen: Bools) -> int:
    """The weight that the chosen candidates cover."""
    return int(weighed(merged.first, merged.group, merged.weight, chosen))


def _arrays(merged: Merged):  # type: ignore[no-untyped-def]
    return merged.first, merged.group, merged.back, merged.candidate, merged.weight


@njit(cache=True, nogil=True)
def _greedy(first, group, back, candidate, weight, cost, chosen, places, budget, by_cost):  # type: ignore[no-untyped-def]
    """The gains are kept exact: a group that becomes covered is taken off the gain of all its candidates, once in all."""
    gain, covered, count, spent = np.zeros(len(cost), np.int64), np.zeros(len(weight), np.bool_), 0, 0
    for one in range(len(cost)):
        for at in range(first[one], first[one + 1]):
            gain[one] += weight[group[at]]
    given = np.flatnonzero(chosen)
    while True:
        if count < len(given):
            best = given[count]
        else:
            best = _next(gain, cost, chosen, budget - spent, by_cost)
            if best < 0 or count >= places:
                return chosen
        chosen[best] = True
        count += 1
        spent += cost[best]
        for at in range(first[best], first[best + 1]):
            if not covered[group[at]]:
                covered[group[at]] = True
                for other in candidate[back[group[at]] : back[group[at] + 1]]:
                    gain[other] -= weight[group[at]]


@njit(cache=True, nogil=True)
def _next(gain, cost, chosen, purse, by_cost):  # type: ignore[no-untyped-def]
    best, rate = -1, 0.0
    for one in range(len(cost)):
        if gain[one] > 0 and not chosen[one] and cost[one] <= purse:
            worth = float(gain[one])
            if by_cost:
                worth = worth / cost[one] if cost[one] > 0 else np.inf
            if worth > rate:
                best, rate = one, worth
    return best


@njit(cache=True, nogil=True)
def exchange(first, group, back, candidate, weight, cost, chosen, places, budget):  # type: ignore[no-untyped-def]
    """The plan with nothing left to gain, in place. alone[g]: the sum of the chosen candidates of g, thus its only one where times[g]
    is 1. loss[r]: what only r covers."""
    times, alone = np.zeros(len(weight), np.int64), np.zeros(len(weight), np.int64)
    loss, shared = np.zeros(len(cost), np.int64), np.zeros(len(cost), np.int64)
    count, spent, quiet, one = 0, 0, 0, 0
    for given in np.flatnonzero(chosen):
        count += 1
        spent += cost[given]
        _open(given, first, group, weight, times, alone, loss)
    while quiet < len(cost):
        quiet += 1
        if not chosen[one]:
            gain = _gain(one, first, group, weight, times, alone, shared)
            away, profit = -1, gain
            if count >= places or cost[one] > budget - spent:
                away, profit = _giving_way(gain, cost[one] - budget + spent, cost, chosen, loss, shared)
            shared[:] = 0
            if profit > 0:
                quiet = 0
                if away >= 0:
                    chosen[away] = False
                    count -= 1
                    spent -= cost[away]
                    _close(away, first, group, weight, times, alone, loss)
                chosen[one] = True
                count += 1
                spent += cost[one]
                _open(one, first, group, weight, times, alone, loss)
        one = (one + 1) % len(cost)
    return chosen


@njit(cache=True, nogil=True)
def _giving_way(gain, needed, cost, chosen, loss, shared):  # type: ignore[no-untyped-def]
    """The chosen candidate whose place brings most, among those that free the money needed; and how much."""
    away, profit = -1, 0
    for other in range(len(cost)):
        if chosen[other] and cost[other] >= needed and gain - loss[other] + shared[other] > profit:
            away, profit = other, gain - loss[other] + shared[other]
    return away, profit


@njit(cache=True, nogil=True)
def _gain(one, first, group, weight, times, alone, shared):  # type: ignore[no-untyped-def]
    gain = 0
    for at in range(first[one], first[one + 1]):
        if times[group[at]] == 0:
            gain += weight[group[at]]
        elif times[group[at]] == 1:
            shared[alone[group[at]]] += weight[group[at]]
    return gain


@njit(cache=True, nogil=True)
def _open(one, first, group, weight, times, alone, loss):  # type: ignore[no-untyped-def]
    for at in range(first[one], first[one + 1]):
        here = group[at]
        if times[here] == 0:
            loss[one] += weight[here]
        elif times[here] == 1:
            loss[alone[here]] -= weight[here]
        times[here] += 1
        alone[here] += one


@njit(cache=True, nogil=True)
def _close(one, first, group, weight, times, alone, loss):  # type: ignore[no-untyped-def]
    for at in range(first[one], first[one + 1]):
        here = group[at]
        times[here] -= 1
        alone[here] -= one
        if times[here] == 0:
            loss[one] -= weight[here]
        elif times[here] == 1:
            loss[alone[here]] += weight[here]


@njit(cache=True, nogil=True)
def weighed(first, group, weight, chosen):  # type: ignore[no-untyped-def]
    """What the chosen candidates cover."""
    covered, total = np.zeros(len(weight), np.bool_), 0
    for one in np.flatnonzero(chosen):
        for at in range(first[one], first[one + 1]):
            if not covered[group[at]]:
                covered[group[at]] = True
                total += weight[group[at]]
    return total
