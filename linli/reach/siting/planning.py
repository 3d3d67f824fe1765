"""Plans: the best places for a number or a budget, with what no plan can exceed; one for every number as a curve; what each would add."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter

import numpy as np

from linli.reach.graph import Ints, Longs
from linli.reach.metric import Bools
from linli.reach.siting import bounding, proving
from linli.reach.siting.cover import Cover, Merged, merged
from linli.reach.siting.improving import chosen_greedily, exchanged, weight_of
from linli.reach.siting.questions import Question, limits

_NEAR = 2_000  # within so small a part of the optimum the exact solver has little left to try
_FIRST, _NEXT = 3_000, 400  # rounds for a question, and for each further number of places of a curve


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Candidates to open, those that add most first, and what each adds to those before it (residents, or the weight that was asked).

    before: the weight that existing places cover, total: of everybody. covered: what the plan adds. bound: what no plan within the same
    limits can add: the optimum lies between the two. limited: a time limit ended the search, so another run may differ. places: how
    many were allowed. spent: the cost of all that is chosen. seconds: how long it took.
    """

    chosen: Ints
    adds: Longs
    places: int
    spent: int
    before: int
    covered: int
    bound: int
    total: int
    limited: bool
    seconds: float

    @property
    def gap(self) -> float:
        """How far from the optimum it may be at most, as a share of the bound."""
        return (self.bound - self.covered) / self.bound if self.bound else 0.0

    @property
    def optimal(self) -> bool:
        return self.bound == self.covered


def best(
    asked: Question, *, places: int | None = None, budget: int | None = None, prove: bool = False, seconds: float | None = None
) -> Plan:
    """The best plan of at most `places` candidates that cost at most `budget`, forced ones among them.

    Greedy, exchanges, the Lagrangian bound with plans made from its prices; then HiGHS on what the prices leave open, if that is small:
    with `prove` also if it is larger, which may take minutes. The same question always gets the same plan, unless `seconds`, a limit for
    HiGHS alone, cuts it short. Problems for impossible limits.
    """
    begun = perf_counter()
    many, purse = limits(asked, places, budget)
    case = _case(asked, purse)
    prices = bounding.start(case.merged, many)
    prices.bound[0] = 0
    effort = _Effort(_FIRST, proving.ABLE if prove else proving.QUICK, seconds)
    found, limited = _searched(case, prices, many, case.nothing, effort)
    return _plan(asked, case, found, int(prices.bound[many]) >> bounding.SHIFT, limited, perf_counter() - begun, many)


def curve(
    asked: Question,
    *,
    most: int | None = None,
    budget: int | None = None,
    prove: bool = False,
    seconds: float | None = None,
    progress: Callable[[Plan], object] | None = None,
) -> list[Plan]:
    """A plan for every number of places from what is forced to `most` (each within `budget`), until more of them add nothing.

    What they cover never falls, and every one has its own bound; its seconds are those from the beginning of the curve. progress: is told
    each plan when it is found, before further ones can lower its bound. Cost: that of best() for the first, a part of it for each further.
    """
    begun = perf_counter()
    many, purse = limits(asked, most, budget)
    case = _case(asked, purse)
    prices = bounding.start(case.merged, many)
    prices.bound[0] = 0
    found, plans = case.nothing, [_plan(asked, case, case.nothing, 0, False, perf_counter() - begun, 0)]
    for count in range(1, many + 1):
        effort = _Effort(_NEXT if count > 1 else _FIRST, proving.ABLE if prove else proving.QUICK, seconds)
        found, limited = _searched(case, prices, count, found, effort)
        plans.append(_plan(asked, case, found, int(prices.bound[count]) >> bounding.SHIFT, limited, perf_counter() - begun, count))
        if progress is not None:
            progress(plans[-1])
        if plans[-1].covered == plans[-2].covered and (plans[-1].optimal or count > int(found.sum())):
            plans.pop()
            break
    lowest = plans[-1].bound
    for at in range(len(plans) - 1, -1, -1):
        lowest = min(lowest, plans[at].bound)
        plans[at] = replace(plans[at], bound=lowest)
    return plans


def gains(asked: Question, chosen: Iterable[int] = ()) -> Longs:
    """What each candidate would add by itself to what exists, what is forced and what is chosen; 0 for one that is excluded or open."""
    opened = asked.forced.copy()
    opened[list(chosen)] = True
    left = np.where(asked.served | _covered(asked, opened), 0, asked.weight)
    sums = np.append(0, np.cumsum(left[asked.cover.home]))
    added = sums[asked.cover.first[1:]] - sums[asked.cover.first[:-1]]
    return np.where(asked.excluded | opened, 0, added)


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """A question without what is decided already. cost: of every candidate; those that can't be chosen have no groups and cost nothing."""

    merged: Merged
    cost: Longs
    budget: int
    nothing: Bools


def _case(asked: Question, budget: int) -> _Case:
    usable = ~asked.excluded & ~asked.forced & (asked.cost <= budget)
    open_to = np.where(asked.served | _covered(asked, asked.forced), 0, asked.weight)
    cost = np.where(usable, asked.cost, 0) if budget < int(asked.cost[usable].sum()) else np.zeros(len(usable), dtype=np.int64)
    return _Case(merged(asked.cover, open_to, usable), cost, budget, np.zeros(len(usable), dtype=np.bool_))


@dataclass(frozen=True, slots=True)
class _Effort:
    """rounds: of the bound. pairs, seconds: how much may be left open for the exact solver, and how long it may take."""

    rounds: int
    pairs: int
    seconds: float | None


def _searched(case: _Case, prices: bounding.Prices, places: int, before: Bools, effort: _Effort) -> tuple[Bools, bool]:
    """The best plan of `places` that the steps find, not worse than `before`; the bound in `prices` is lowered."""
    if not places:
        return case.nothing, False
    plans = []
    for given, by_cost in ((before, False), (case.nothing, False), (case.nothing, True)):
        if by_cost and not case.cost.any():
            continue
        plan = chosen_greedily(case.merged, case.cost, given, places=places, budget=case.budget, by_cost=by_cost)
        plans.append(exchanged(case.merged, case.cost, plan, places=places, budget=case.budget))
    found = max(plans, key=lambda plan: weight_of(case.merged, plan))
    tightened = partial(bounding.tightened, case.merged, case.cost, places=places, budget=case.budget, rounds=effort.rounds)
    found = tightened(prices, found)
    if effort.rounds == _FIRST and int(prices.bound[places]) >> bounding.SHIFT > weight_of(case.merged, found):
        others = bounding.start(case.merged, places)
        found = tightened(others, found, manner=bounding.BOLD)
        prices.bound[: places + 1] = np.minimum(prices.bound[: places + 1], others.bound)
    if int(prices.bound[places]) >> bounding.SHIFT <= weight_of(case.merged, found):
        return found, False
    return _proved(case, prices, places, found, effort)


def _proved(case: _Case, prices: bounding.Prices, places: int, found: Bools, effort: _Effort) -> tuple[Bools, bool]:
    """The plan that the exact solver finds among what is open, or `found` if there is none better or too much is open."""
    known = weight_of(case.merged, found)
    always, never = bounding.settled(case.merged, case.cost, prices, places=places, budget=case.budget, known=known)
    inside = weight_of(case.merged, always)
    free = ~always & ~never & (np.diff(case.merged.first) > 0)
    sized = _left(case.merged, always, free)
    near = (int(prices.bound[places]) >> bounding.SHIFT) - known <= known // _NEAR
    if len(sized.group) > max(effort.pairs, proving.NEAR if near and effort.rounds == _FIRST else 0):
        return found, False
    purse, limited = case.budget - int(case.cost[always].sum()), False
    room = places - int(always.sum())
    more, most = case.nothing, 0
    if len(sized.group) and room > 0 and purse >= 0:
        solution, most, limited = proving.solved(sized, case.cost, free, places=room, budget=purse, seconds=effort.seconds)
        more = case.nothing if solution is None else solution
    trial = always | more
    if purse >= 0 and room >= 0 and weight_of(case.merged, trial) > known:
        found, known = trial, weight_of(case.merged, trial)
    prices.bound[places] = min(int(prices.bound[places]), max(known, inside + most) << bounding.SHIFT)
    return found, limited


def _left(whole: Merged, always: Bools, free: Bools) -> Merged:
    """What is left to cover once `always` are open, by the free candidates."""
    covered = np.zeros(len(whole.weight), dtype=np.bool_)
    for one in np.flatnonzero(always):
        covered[whole.group[whole.first[one] : whole.first[one + 1]]] = True
    return merged(Cover(whole.first, whole.group, len(whole.weight)), np.where(covered, 0, whole.weight), free)


def _covered(asked: Question, chosen: Bools) -> Bools:
    covered = np.zeros(asked.cover.homes, dtype=np.bool_)
    for one in np.flatnonzero(chosen):
        covered[asked.cover.home[asked.cover.first[one] : asked.cover.first[one + 1]]] = True
    return covered


def _plan(asked: Question, case: _Case, found: Bools, bound: int, limited: bool, seconds: float, places: int) -> Plan:
    """The plan with its forced candidates, all in the order of what they add."""
    left, order, adds = np.where(asked.served, 0, asked.weight), [], []
    rest = list(np.flatnonzero(found | asked.forced))
    while rest:
        added = [int(left[asked.cover.home[asked.cover.first[one] : asked.cover.first[one + 1]]].sum()) for one in rest]
        at = int(np.argmax(added))
        one = rest.pop(at)
        left[asked.cover.home[asked.cover.first[one] : asked.cover.first[one + 1]]] = 0
        order.append(one)
        adds.append(added[at])
    forced = int(asked.weight[~asked.served & _covered(asked, asked.forced)].sum())
    return Plan(
        chosen=np.array(order, dtype=np.int32),
        adds=np.array(adds, dtype=np.int64),
        places=places + int(asked.forced.sum()),
        spent=int(asked.cost[order].sum()),
        before=int(asked.weight[asked.served].sum()),
        covered=sum(adds),
        bound=bound + forced,
        total=int(asked.weight.sum()),
        limited=limited,
        seconds=seconds,
    )
