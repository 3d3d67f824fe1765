"""Sets of holds, postings and reversals are done as one or not at all; acts of several calls wait for each other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from ledger_examples import CLERK, account, found, pay, posted
from together import in_threads

from linli.kernel.errors import LinliError
from linli.ledger.acts import Holding, Posting, Reversal, hold, hold_all, lock_balances, post_all, release, reverse_all
from linli.ledger.models import Hold
from linli.ledger.queries import standing
from linli.trace import act
from linli.trace.models import Fact


@pytest.fixture
def accounts(request: pytest.FixtureRequest) -> None:
    account("world", floor=None, kind="source")
    for name in ("fund", "other"):
        account(name, kind="fund", shards=getattr(request, "param", 0))
        pay("world", name, 1000)
    account("payee")


def _holdings(amounts: list[int], code: str = "fund") -> list[Holding]:
    return [Holding(f"{code}-{number}", code, "fen", amount) for number, amount in enumerate(amounts)]


@pytest.mark.django_db
@pytest.mark.parametrize("accounts", [0, 3], indirect=True)
@pytest.mark.usefixtures("accounts")
def test_a_set_is_held_as_one_or_not_at_all() -> None:
    with pytest.raises(LinliError, match="1000 available"):
        hold_all(CLERK, holds=[*_holdings([400, 601]), *_holdings([5], "other")])
    assert not Hold.objects.exists()
    assert standing("other").held == 0
    done = hold_all(CLERK, holds=[*_holdings([400, 600]), *_holdings([5], "other")])
    assert (standing("fund").held, standing("other").held) == (1000, 5)
    again = hold_all(CLERK, holds=[*_holdings([400, 600]), *_holdings([5, 7], "other")])
    assert [(one.uid, one.fresh) for one in again[:3]] == [(one.uid, False) for one in done]
    assert (again[3].fresh, standing("other").held) == (True, 12)
    with pytest.raises(LinliError, match="entered before"):
        hold_all(CLERK, holds=_holdings([401]))
    assert found() == []


@pytest.mark.django_db
@pytest.mark.parametrize("accounts", [0, 3], indirect=True)
@pytest.mark.usefixtures("accounts")
def test_a_batch_is_paid_out_of_its_holds_and_the_rest_given_back() -> None:
    held = [one.uid for one in hold_all(CLERK, holds=_holdings([100] * 10))]
    legs = (("fund", -100), ("payee", 100))
    paid = post_all(CLERK, postings=[Posting(key=str(one), unit="fen", kind="pay", legs=legs, hold=one) for one in held[:7]])
    assert sorted(release(CLERK, holds=held[7:])) == sorted(held[7:])
    assert (standing("fund").posted, standing("fund").held, posted("payee")) == (300, 0, 700)
    assert Fact.objects.filter(type="ledger.held").count() == 10
    assert Fact.objects.filter(type="ledger.released").count() == 3
    failed = [Reversal(one.uid, f"back-{number}") for number, one in enumerate(paid[:3])]
    back = reverse_all(CLERK, reversals=failed)
    assert [one.uid for one in reverse_all(CLERK, reversals=failed)] == [one.uid for one in back]
    assert (posted("fund"), posted("payee")) == (600, 400)
    with pytest.raises(LinliError, match="has been reversed"):
        reverse_all(CLERK, reversals=[Reversal(paid[5].uid, "new"), Reversal(paid[0].uid, "twice")])
    with pytest.raises(LinliError, match="has been reversed"):
        reverse_all(CLERK, reversals=[Reversal(paid[5].uid, "one"), Reversal(paid[5].uid, "two")])
    assert posted("payee") == 400
    assert found() == []


@pytest.mark.django_db
@pytest.mark.usefixtures("accounts")
def test_an_empty_set_is_nothing_and_a_key_stands_once() -> None:
    assert hold_all(CLERK, holds=[]) == []
    assert reverse_all(CLERK, reversals=[]) == []
    with pytest.raises(LinliError, match="posted"):
        hold_all(CLERK, holds=_holdings([1]) * 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("accounts", [0, 3], indirect=True)
@pytest.mark.usefixtures("accounts")
def test_acts_of_several_calls_that_lock_everything_first_do_not_stop_each_other() -> None:
    """Each would hold what the other needs when both have made their first call: that is what the barrier is for."""
    met = threading.Barrier(2)
    kept = {name: hold(CLERK, key=f"kept-{name}", account=name, unit="fen", amount=10).uid for name in ("fund", "other")}

    def two_calls(first: str, second: str) -> Callable[[], None]:
        def work() -> None:
            with act(CLERK):
                told = lock_balances(accounts=[first, second, "payee"], holds=[kept[second]])
                assert told[first].available == told[first].posted - told[first].held
                pay(first, "payee", 5)
                with suppress(threading.BrokenBarrierError):
                    met.wait(0.2)
                pay(second, "payee", 5, hold=kept[second])
                hold(CLERK, key=f"{first}-{second}", account=first, unit="fen", amount=1)

        return work

    in_threads([two_calls("fund", "other"), two_calls("other", "fund")])
    assert (posted("fund"), posted("other"), posted("payee")) == (990, 990, 20)
    assert (standing("fund").held, standing("other").held) == (1, 1)
    assert found() == []


def test_locks_need_an_act_to_hold_them() -> None:
    with pytest.raises(RuntimeError, match="act"):
        lock_balances(accounts=["fund"])
