"""What no plan can exceed: the Lagrangian bound of maximal covering, in whole numbers, so that no rounding can make it too low.

max sum w[g] y[g] with y[g] <= sum of x[c] over the candidates of g. A price u[g] in [0, w[g]] for each of these gives
    sum (w[g] - u[g]) + the best choice of candidates when c is worth the sum of its groups' prices,
which is at least the optimum for every u (Galvão & ReVelle 1996); a toll per unit of cost does the same to the budget. The prices
are looked for by subgradients, each mixed with those before it (Barahona & Anbil 2000), with Polyak's steps towards the best plan known.
On the way the choice of candidates is made a plan now and then, and these plans are usually better than those of the greedy start.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from linli.reach.graph import Longs
from linli.reach.metric import Bools
from linli.reach.siting.cover import Merged
from linli.reach.siting.improving import exchange, weighed

SHIFT = 20  # prices are whole numbers of 2**-SHIFT residents
HEAVIEST = 1 << 40  # residents in all: the sums below then stay within 63 bits
_COSTLY = 1 << 16  # costs are taken in units so large that none is above this: rounded down, which only raises the bound
_EVERY, _FINEST = 5, 1e-3
CALM, BOLD = (0.1, 40), (0.3, 20)  # how much of a step is new, and how many rounds without progress halve it


@dataclass(slots=True, eq=False)
class Prices:
    """What is known so far: the prices of the groups and of a unit of cost that gave the lowest bound, and that bound for each number of
    places from 0. All are multiples of 2**-SHIFT residents."""

    price: Longs
    toll: int
    bound: Longs


def start(merged: Merged, most: int) -> Prices:
    """Prices that share each group's weight among its candidates; no toll."""
    whole = merged.weight << SHIFT
    return Prices(whole // np.maximum(np.diff(merged.back), 1), 0, np.full(most + 1, whole.sum(), dtype=np.int64))


def tightened(
    merged: Merged, cost: Longs, prices: Prices, plan: Bools, *, places: int, budget: int, rounds: int, manner: tuple[float, int] = CALM
) -> Bools:
    """Lower the bounds for `places` and fewer in at most so many rounds; hands back the best plan found, at least as good as `plan`.

    manner: CALM comes nearer to the lowest bound, BOLD passes more different plans on its way.

    It ends early when the bound, rounded down, is what the plan covers. places: not above the candidates; budget: at least the cost of
    `plan`, and of every candidate. Cost of a round: every pair once, and sorting the candidates.
    """
    if not len(merged.weight) or places == 0:
        return plan
    small, purse = scaled(cost, budget)
    roof = (int(merged.weight.sum()) << SHIFT) // purse if purse else 0
    found, price, toll, bound = _subgradient(
        *(merged.first, merged.group, merged.back, merged.candidate, merged.weight),
        *(cost, small, plan, prices.price, min(prices.toll, roof), prices.bound, places, budget, purse, roof, rounds, *manner),
    )
    prices.price, prices.toll, prices.bound = price, int(toll), bound
    return np.asarray(found, dtype=np.bool_)


def settled(merged: Merged, cost: Longs, prices: Prices, *, places: int, budget: int, known: int) -> tuple[Bools, Bools]:
    """Candidates that are in every plan better than `known`, and those that are in none, as far as these prices tell.

    Forced in or out one at a time, a candidate moves the bound by what it is worth against the last place; if the bound falls to
    `known`, there is nothing better on that side.
    """
    small, purse = scaled(cost, budget)
    worth = np.add.reduceat(np.append(prices.price[merged.group], 0), np.minimum(merged.first[:-1], len(merged.group)))
    worth[np.diff(merged.first) == 0] = 0
    worth = worth - prices.toll * small
    order = np.argsort(-worth, kind="stable")
    best = order[:places]
    bound = int((merged.weight << SHIFT).sum() - prices.price.sum()) + prices.toll * purse + int(np.maximum(worth[best], 0).sum())
    last = max(int(worth[best[-1]]), 0) if len(best) == places else 0
    following = max(int(worth[order[places]]), 0) if len(order) > places else 0
    inside = np.zeros(len(worth), dtype=np.bool_)
    inside[best] = worth[best] > 0
    never = ~inside & ((bound - last + worth) >> SHIFT <= known)
    always = inside & ((bound - worth + following) >> SHIFT <= known)
    return always, never


def scaled(cost: Longs, budget: int) -> tuple[Longs, int]:
    """Costs and budget in coarser units, rounded down: whatever was affordable still is."""
    unit = max(1, -(-int(cost.max(initial=0)) // _COSTLY))
    small = cost // unit
    return small, min(budget // unit, int(small.sum()))


@njit(cache=True, nogil=True)
def _subgradient(  # type: ignore[no-untyped-def]
    first, group, back, candidate, weight, cost, small, plan, start, toll, bound, places, budget, purse, roof, rounds, mixed, patience
):
    found, price, best, best_toll = plan, start.copy(), start.copy(), toll
    known = weighed(first, group, weight, found)
    worth, times, slope = np.zeros(len(cost), np.int64), np.zeros(len(weight), np.int64), np.zeros(len(weight))
    pull = np.sqrt(max(1.0, len(group) / len(cost))) / max(1.0, small.mean())
    step, lowest, idle = 1.0, np.int64(2) ** 62, 0
    bound = bound.copy()
    for turn in range(rounds):
        order, here, spent = _priced(first, group, weight, small, price, toll, purse, places, worth, times, bound)
        idle = 0 if here < lowest - lowest // 10_000 else idle + 1
        if here < lowest:
            lowest, best_toll = here, toll
            best[:] = price
        if turn % _EVERY == _EVERY - 1:
            trial = exchange(first, group, back, candidate, weight, cost, _affordable(order, worth, cost, places, budget), places, budget)
            better = weighed(first, group, weight, trial)
            if better > known:
                known, found = better, trial
        if (bound[places] >> SHIFT) <= known or step < _FINEST:
            break
        if idle >= patience:
            step, idle, toll = step / 2, 0, best_toll
            price[:] = best
            slope[:] = 0.0
            continue
        over = pull * (spent - purse) if toll > 0 or spent > purse else 0.0
        norm = over * over + _mix(weight, price, times, slope, mixed)
        if norm == 0.0:
            break
        size = step * (here - (known << SHIFT)) / norm
        for g in range(len(weight)):
            price[g] = min(max(price[g] - np.int64(size * slope[g]), 0), weight[g] << SHIFT)
        toll = min(max(0, toll + np.int64(size * pull * over)), roof)
    return found, best, best_toll, bound


@njit(cache=True, nogil=True)
def _priced(first, group, weight, small, price, toll, purse, places, worth, times, bound):  # type: ignore[no-untyped-def]
    """Candidates from the most worth, the bound for `places` (and into `bound` for every number), and what the best of them cost."""
    total, spent, here = toll * purse, 0, np.int64(0)
    for g in range(len(weight)):
        total += (weight[g] << SHIFT) - price[g]
        times[g] = 0
    for c in range(len(small)):
        worth[c] = -toll * small[c]
        for at in range(first[c], first[c + 1]):
            worth[c] += price[group[at]]
    order = np.argsort(-worth, kind="mergesort")
    for place in range(min(len(bound) - 1, len(order))):
        c = order[place]
        if worth[c] > 0:
            total += worth[c]
            if place < places:
                spent += small[c]
                for at in range(first[c], first[c + 1]):
                    times[group[at]] += 1
        bound[place + 1] = min(bound[place + 1], total)
        if place + 1 == places:
            here = total
    return order, here, spent


@njit(cache=True, nogil=True)
def _mix(weight, price, times, slope, mixed):  # type: ignore[no-untyped-def]
    """The direction of the next step, out of the last one and the slope at this point; its squared length."""
    norm = 0.0
    for g in range(len(weight)):
        whole = weight[g] << SHIFT
        now = times[g] - (1 if price[g] < whole else min(times[g], 1))
        slope[g] = mixed * now + (1.0 - mixed) * slope[g]
        if not (slope[g] > 0 and price[g] == 0) and not (slope[g] < 0 and price[g] == whole):
            norm += slope[g] * slope[g]
    return norm


@njit(cache=True, nogil=True)
def _affordable(order, worth, cost, places, budget):  # type: ignore[no-untyped-def]
    plan, count, spent = np.zeros(len(cost), np.bool_), 0, 0
    for c in order:
        if count < places and worth[c] > 0 and spent + cost[c] <= budget:
            plan[c] = True
            count += 1
            spent += cost[c]
    return plan
