"""Hypothesis drives the book against a plain model of it: conservation, floors, idempotency, holds, reversals, shards."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from ledger_examples import CLERK, account, found, sums

from linli.kernel.errors import LinliError
from linli.ledger.acts import Holding, Posting, hold_all, post_all, release, reverse
from linli.ledger.queries import standing

pytestmark = pytest.mark.django_db
_runs = count(1)
NAMES = ("fund", "split", "a", "b")
AMOUNTS = st.integers(1, 60)
FIRST = 60
"""What each account has to begin with, so that even a short history pays something."""


@dataclass
class Held:
    """An open hold as the model knows it."""

    uid: UUID
    name: str
    amount: int


class Book(RuleBasedStateMachine):
    """The model: what each account has and what of it is held."""

    postings: Bundle[tuple[Posting, UUID]] = Bundle("postings")
    holds: Bundle[Held] = Bundle("holds")

    def __init__(self) -> None:
        super().__init__()
        self.run = next(_runs)
        self.keys = count(1)
        self.has = dict.fromkeys(NAMES, FIRST)
        self.held = dict.fromkeys(NAMES, 0)
        self.reversed: set[UUID] = set()
        account(self.code("world"), floor=None, kind="source")
        for name in NAMES:
            account(self.code(name), kind="fund", shards=3 if name == "split" else 0)
        self.post([self.posting("world", name, FIRST) for name in NAMES])

    def code(self, name: str) -> str:
        return f"m{self.run}:{name}"

    def key(self) -> str:
        return f"m{self.run}:{next(self.keys)}"

    def free(self, name: str) -> int:
        return self.has[name] - self.held[name]

    def posting(self, source: str, target: str, amount: int, hold: UUID | None = None) -> Posting:
        legs = ((self.code(source), -amount), (self.code(target), amount))
        return Posting(key=self.key(), unit="fen", kind="pay", legs=legs, hold=hold)

    def post(self, wanted: list[Posting]) -> list[UUID]:
        """Post a set, and again at once."""
        done = post_all(CLERK, postings=wanted)
        again = post_all(CLERK, postings=wanted)
        assert [(one.uid, one.fresh) for one in again] == [(one.uid, False) for one in done], "a retry posts nothing more"
        return [one.uid for one in done]

    @rule(name=st.sampled_from(NAMES), amount=AMOUNTS)
    def allocate(self, name: str, amount: int) -> None:
        self.post([self.posting("world", name, amount)])
        self.has[name] += amount

    @rule(target=postings, moves=st.lists(st.tuples(st.permutations(NAMES), AMOUNTS), min_size=1, max_size=4))
    def pay(self, moves: list[tuple[list[str], int]]) -> MultipleResults[tuple[Posting, UUID]]:
        """A set goes through if no step of it passes a floor; order within an account is the order asked."""
        free = {name: self.free(name) for name in NAMES}
        fits = True
        for (source, target, *_), amount in moves:
            free[source] -= amount
            fits = fits and free[source] >= 0
            free[target] += amount
        wanted = [self.posting(source, target, amount) for (source, target, *_), amount in moves]
        if not fits:
            with pytest.raises(LinliError, match="available"):
                post_all(CLERK, postings=wanted)
            return multiple()
        done = self.post(wanted)
        for (source, target, *_), amount in moves:
            self.has[source] -= amount
            self.has[target] += amount
        return multiple(*zip(wanted, done, strict=True))

    @rule(posting=postings)
    def retry(self, posting: tuple[Posting, UUID]) -> None:
        (again,) = post_all(CLERK, postings=[posting[0]])
        assert (again.uid, again.fresh) == (posting[1], False)

    @rule(posting=postings)
    def take_back(self, posting: tuple[Posting, UUID]) -> None:
        (source, _), (target, amount) = posting[0].legs
        source, target = source.rpartition(":")[2], target.rpartition(":")[2]
        if posting[1] in self.reversed:
            with pytest.raises(LinliError, match="has been reversed"):
                reverse(CLERK, transfer=posting[1], key=self.key())
        elif self.free(target) < amount:
            with pytest.raises(LinliError, match="available"):
                reverse(CLERK, transfer=posting[1], key=self.key())
        else:
            reverse(CLERK, transfer=posting[1], key=self.key())
            self.reversed.add(posting[1])
            self.has[source] += amount
            self.has[target] -= amount

    @rule(target=holds, wanted=st.lists(st.tuples(st.sampled_from(NAMES), AMOUNTS), min_size=1, max_size=3))
    def set_aside(self, wanted: list[tuple[str, int]]) -> MultipleResults[Held]:
        """A set of holds goes through if each account has enough for all that is asked of it."""
        asked = [Holding(self.key(), self.code(name), "fen", amount) for name, amount in wanted]
        sums = {name: sum(amount for other, amount in wanted if other == name) for name, _ in wanted}
        if any(self.free(name) < total for name, total in sums.items()):
            with pytest.raises(LinliError, match="available"):
                hold_all(CLERK, holds=asked)
            return multiple()
        done = hold_all(CLERK, holds=asked)
        for name, amount in wanted:
            self.held[name] += amount
        assert [one.uid for one in hold_all(CLERK, holds=asked)] == [one.uid for one in done], "a retry holds nothing more"
        return multiple(*[Held(one.uid, name, amount) for one, (name, amount) in zip(done, wanted, strict=True)])

    @rule(held=consumes(holds), part=st.integers(0, 59))
    def pay_held(self, held: Held, part: int) -> None:
        amount = 1 + part % held.amount
        target = "b" if held.name == "a" else "a"
        self.post([self.posting(held.name, target, amount, held.uid)])
        self.held[held.name] -= held.amount
        self.has[held.name] -= amount
        self.has[target] += amount

    @rule(held=consumes(holds))
    def give_back(self, held: Held) -> None:
        assert release(CLERK, holds=[held.uid]) == [held.uid]
        self.held[held.name] -= held.amount

    @invariant()
    def the_book_says_the_same(self) -> None:
        assert sums().get("fen", 0) == 0
        for name in NAMES:
            told = standing(self.code(name))
            assert (told.posted, told.held, told.available) == (self.has[name], self.held[name], self.free(name))

    def teardown(self) -> None:
        assert found() == []


def _drive(examples: int, steps: int) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Book,
        settings=settings(max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=checks, database=None),
    )


def test_the_book_behaves_like_the_model() -> None:
    _drive(4, 10)


@pytest.mark.long
def test_the_book_behaves_like_the_model_over_long_histories() -> None:
    _drive(60, 60)
