"""Siting on small cases, where trying every choice shows what is right."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.kernel.errors import LinliError, Problems
from linli.reach.siting import Plan, Question, best, cover_of, curve, gains, question


@dataclass
class Town:
    """pairs: (candidate, home)."""

    candidates: int
    homes: int
    pairs: list[tuple[int, int]]
    weight: list[int]
    cost: list[int] | None = None
    served: list[int] = field(default_factory=list)
    forced: list[int] = field(default_factory=list)
    excluded: list[int] = field(default_factory=list)

    def asked(self) -> Question:
        cover = cover_of([c for c, _ in self.pairs], [h for _, h in self.pairs], candidates=self.candidates, homes=self.homes)
        decided = {name: np.array(getattr(self, name), dtype=np.int64) for name in ("served", "forced", "excluded")}
        return question(cover, self.weight, cost=self.cost, **decided)

    def covered(self, chosen: Any) -> int:
        """Residents that these candidates cover and existing places don't."""
        homes = {h for c, h in self.pairs if c in set(chosen)} - set(self.served)
        return sum(self.weight[h] for h in homes)

    def spent(self, chosen: Any) -> int:
        return sum(self.cost[c] for c in chosen) if self.cost else 0

    def optimum(self, places: int, budget: int | None) -> int:
        free = [c for c in range(self.candidates) if c not in self.forced and c not in self.excluded]
        most = 0
        for count in range(min(places - len(self.forced), len(free)) + 1):
            for more in combinations(free, count):
                if budget is None or self.spent([*self.forced, *more]) <= budget:
                    most = max(most, self.covered([*self.forced, *more]))
        return most


@st.composite
def towns(draw: st.DrawFn) -> Town:
    candidates, homes = draw(st.integers(1, 7)), draw(st.integers(0, 14))
    pair = st.tuples(st.integers(0, candidates - 1), st.integers(0, max(homes - 1, 0)))
    pairs = draw(st.lists(pair, max_size=40)) if homes else []
    weight = draw(st.lists(st.sampled_from([0, 0, 1, 2, 3, 5, 9, 40, 1000]), min_size=homes, max_size=homes))
    cost = draw(st.none() | st.lists(st.sampled_from([0, 1, 2, 3, 7, 10**9 + 7]), min_size=candidates, max_size=candidates))
    served = draw(st.lists(st.integers(0, homes - 1), max_size=4)) if homes else []
    decided = draw(st.lists(st.integers(0, candidates - 1), max_size=3, unique=True))
    cut = draw(st.integers(0, len(decided)))
    return Town(candidates, homes, pairs, weight, cost, served, decided[:cut], decided[cut:])


def _holds(town: Town, plan: Plan, places: int, budget: int | None) -> None:
    """What a reader relies on in any plan, with the optimum found by trying everything."""
    chosen = plan.chosen.tolist()
    optimum = town.optimum(places, budget)
    assert len(set(chosen)) == len(chosen) <= places
    assert set(town.forced) <= set(chosen)
    assert not set(town.excluded) & set(chosen)
    assert plan.spent == town.spent(chosen)
    assert budget is None or plan.spent <= budget
    assert plan.covered == town.covered(chosen) == sum(plan.adds.tolist())
    assert plan.adds.tolist() == [town.covered(chosen[: i + 1]) - town.covered(chosen[:i]) for i in range(len(chosen))]
    assert plan.bound >= optimum
    assert plan.covered == optimum
    assert plan.total == sum(town.weight)
    assert plan.before == sum(town.weight[h] for h in set(town.served))


@settings(deadline=None)  # the first call compiles
@given(town=towns(), more=st.integers(0, 9), budget=st.none() | st.sampled_from([0, 1, 5, 12, 10**9 + 7, 3 * 10**9]))
def test_a_plan_covers_as_many_as_trying_every_choice(town: Town, more: int, budget: int | None) -> None:
    if budget is not None and town.spent(town.forced) > budget:
        with pytest.raises((Problems, LinliError)):
            best(town.asked(), places=len(town.forced) + more, budget=budget)
        return
    plan = best(town.asked(), places=len(town.forced) + more, budget=budget)
    _holds(town, plan, len(town.forced) + more, budget)
    assert plan.bound == plan.covered
    assert plan.gap == 0
    assert plan.optimal


@settings(deadline=None)  # the first call compiles
@given(town=towns(), more=st.integers(0, 7), budget=st.none() | st.sampled_from([3, 12, 10**9 + 7, 3 * 10**9]))
def test_a_curve_has_the_best_plan_for_every_number_and_never_falls(town: Town, more: int, budget: int | None) -> None:
    if budget is not None and town.spent(town.forced) > budget:
        return
    plans = curve(town.asked(), most=len(town.forced) + more, budget=budget)
    assert [plan.places for plan in plans] == list(range(len(town.forced), len(town.forced) + len(plans)))
    for plan in plans:
        _holds(town, plan, plan.places, budget)
    for fewer, plan in pairwise(plans):
        assert plan.covered >= fewer.covered
        assert plan.bound >= fewer.bound
    assert plans[-1].covered == town.optimum(len(town.forced) + more, budget), "it ends where more places add nothing"


@settings(deadline=None)  # the first call compiles
@given(town=towns(), data=st.data())
def test_what_a_candidate_would_add_is_the_difference_it_makes(town: Town, data: st.DataObject) -> None:
    free = [c for c in range(town.candidates) if c not in town.excluded]
    chosen = data.draw(st.lists(st.sampled_from(free), max_size=3)) if free else []
    added, opened = gains(town.asked(), chosen), {*town.forced, *chosen}
    for c in range(town.candidates):
        shut = c in town.excluded or c in opened
        assert added[c] == (0 if shut else town.covered({*opened, c}) - town.covered(opened))


@settings(deadline=None)  # the first call compiles
@given(town=towns(), data=st.data(), places=st.integers(0, 5))
def test_the_order_of_pairs_changes_nothing(town: Town, data: st.DataObject, places: int) -> None:
    again = Town(**{**vars(town), "pairs": data.draw(st.permutations([*town.pairs, *town.pairs[:3]]))})
    one, other = (best(it.asked(), places=places + len(town.forced)) for it in (town, again))
    assert one.chosen.tolist() == other.chosen.tolist()
    assert one.bound == other.bound


def _random(seed: int, homes: int, candidates: int, reach: float) -> tuple[Any, Any]:
    numbers = np.random.default_rng(seed)
    home, place = numbers.random((homes, 2)), numbers.random((candidates, 2))
    near = np.hypot(*(place[:, None] - home[None]).transpose(2, 0, 1)) <= reach
    cover = cover_of(*np.nonzero(near), candidates=candidates, homes=homes)
    return cover, numbers.integers(1, 60, homes)


def test_a_middling_case_has_a_small_certified_gap_and_the_same_plan_each_time() -> None:
    cover, weight = _random(5, 3000, 200, 0.06)
    plan, again = (best(question(cover, weight), places=15) for _ in range(2))
    assert 0 <= plan.gap <= 0.01
    assert (plan.chosen.tolist(), plan.bound) == (again.chosen.tolist(), again.bound)
    assert not plan.limited


def test_the_optimum_lies_between_what_a_plan_covers_and_its_bound() -> None:
    cover, weight = _random(8, 400, 40, 0.15)
    asked = question(cover, weight)
    proved, quick = best(asked, places=6, prove=True), best(asked, places=6)
    assert proved.optimal
    assert quick.covered <= proved.covered <= quick.bound


def test_with_a_budget_the_bound_stays_honest_and_near() -> None:
    cover, weight = _random(11, 2000, 120, 0.08)
    cost = np.random.default_rng(3).integers(50_000_00, 900_000_00, 120)
    asked = question(cover, weight, cost=cost)
    proved, quick = best(asked, budget=2_000_000_00, prove=True), best(asked, budget=2_000_000_00)
    assert proved.optimal
    assert quick.covered <= proved.covered <= quick.bound
    assert quick.gap < 0.03


def test_nobody_to_cover_is_no_reason_to_open_anything() -> None:
    plan = best(question(cover_of([0, 1], [0, 1], candidates=2, homes=2), [4, 6], served=[0, 1]), places=2)
    assert plan.chosen.tolist() == []
    assert (plan.covered, plan.bound, plan.before, plan.total) == (0, 0, 10, 10)


COVER = cover_of([0, 1], [0, 1], candidates=2, homes=2)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"weight": [1]}, "weight"),
        ({"weight": [1, -1]}, "weight"),
        ({"weight": [1, 0.5]}, "weight"),
        ({"weight": [1, 2], "cost": [-1, 2]}, "cost"),
        ({"weight": [1, 2], "forced": [2]}, "forced"),
        ({"weight": [1, 2], "excluded": [-1]}, "excluded"),
        ({"weight": [1, 2], "forced": [1], "excluded": [1]}, "forced"),
        ({"weight": [1 << 60, 2]}, "weight"),
    ],
)
def test_a_question_that_cant_be_meant_is_refused_at_its_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises((Problems, LinliError)) as refused:
        question(COVER, wrong.pop("weight"), **wrong)
    errors = refused.value.problems if isinstance(refused.value, Problems) else [refused.value]
    assert [error.place.field for error in errors if error.place] == [field]


@pytest.mark.parametrize(("places", "budget"), [(None, None), (-1, None), (0, None), (2, 4), (2, -1)])
def test_a_limit_that_the_forced_places_break_is_refused(places: int | None, budget: int | None) -> None:
    asked = question(COVER, [1, 2], cost=[5, 5], forced=[0])
    for ask in (lambda: best(asked, places=places, budget=budget), lambda: curve(asked, most=places, budget=budget)):
        with pytest.raises((Problems, LinliError)):
            ask()


def test_a_cover_that_names_a_home_that_isnt_there_is_refused() -> None:
    with pytest.raises(LinliError):
        cover_of([0], [3], candidates=1, homes=2)
