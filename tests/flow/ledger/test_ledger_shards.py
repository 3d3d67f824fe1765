"""An account split into shards behaves as one: its sum counts, to the last fen, whichever shard a payment meets."""

from __future__ import annotations

import pytest
from ledger_examples import CLERK, account, found, pay, posted, sums

from linli.kernel.errors import LinliError
from linli.ledger.acts import Posting, close_account, hold, post_all, release, reverse
from linli.ledger.models import Account, Transfer
from linli.ledger.queries import standing, statement

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def accounts() -> None:
    account("world", floor=None, kind="source")
    account("fund", kind="fund", shards=7)
    account("payee")


def test_it_can_be_spent_to_the_last_fen_and_no_further() -> None:
    pay("world", "fund", 1000)
    for _ in range(33):
        pay("fund", "payee", 30)
    assert standing("fund").available == 10
    with pytest.raises(LinliError, match="10 available"):
        pay("fund", "payee", 11)
    pay("fund", "payee", 10)
    assert (posted("fund"), sums()) == (0, {"fen": 0})
    assert found() == []


def test_levelling_leaves_room_on_every_shard() -> None:
    pay("world", "fund", 7000)
    for number in range(20):
        pay("fund", "payee", 10, key=f"p{number}")
    assert Transfer.objects.filter(kind="level").count() == 1, "the shards were filled once, and then each had enough"


def test_holds_stand_on_shards_and_are_paid_from_them() -> None:
    pay("world", "fund", 1000)
    holds = [hold(CLERK, key=f"h{number}", account="fund", unit="fen", amount=90).uid for number in range(11)]
    with pytest.raises(LinliError, match="10 available"):
        hold(CLERK, key="one more", account="fund", unit="fen", amount=11)
    with pytest.raises(LinliError, match="10 available"):
        pay("fund", "payee", 11)
    release(CLERK, holds=holds[:1])
    legs = (("fund", -90), ("payee", 90))
    post_all(CLERK, postings=[Posting(key=str(one), unit="fen", kind="pay", legs=legs, hold=one) for one in holds[1:]])
    assert (standing("fund").posted, standing("fund").held) == (100, 0)
    assert found() == []


def test_a_set_larger_than_any_shard_is_posted() -> None:
    pay("world", "fund", 1000)
    legs = (("fund", -50), ("payee", 50))
    post_all(CLERK, postings=[Posting(key=f"b{number}", unit="fen", kind="pay", legs=legs) for number in range(19)])
    assert posted("fund") == 50
    assert found() == []


def test_a_reversal_goes_back_to_the_shard_it_came_from() -> None:
    pay("world", "fund", 1000)
    done = pay("fund", "payee", 300)
    reverse(CLERK, transfer=done.uid, key="r")
    assert posted("fund") == 1000
    assert found() == []


def test_a_statement_shows_one_account() -> None:
    pay("world", "fund", 1000)
    pay("fund", "payee", 300)
    today = Transfer.objects.latest("id").posted_at.date()
    told = statement("fund", start=today.replace(day=1), end=today.replace(year=today.year + 1))
    assert [line.amount for line in told.lines] == [1000, -300]
    assert told.closing == 700


def test_the_shards_bear_the_floor_between_them() -> None:
    account("credit", floor=-1000, shards=3)
    assert sorted(row.floor or 0 for row in Account.objects.filter(shard_of__code="credit")) == [-334, -333, -333]
    pay("credit", "payee", 999)
    with pytest.raises(LinliError, match="1 available"):
        pay("credit", "payee", 2)
    assert found() == []


def test_a_split_account_is_closed_as_one() -> None:
    pay("world", "fund", 10)
    with pytest.raises(LinliError, match="not empty"):
        close_account(CLERK, code="fund")
    pay("fund", "world", 10)
    close_account(CLERK, code="fund")
    with pytest.raises(LinliError, match="closed"):
        pay("world", "fund", 10)
