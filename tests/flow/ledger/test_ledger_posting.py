"""Posting: what is posted once stays, nothing is overdrawn, nothing appears from nowhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from ledger_examples import CLERK, account, found, pay, posted, sums

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.ledger import jobs
from linli.ledger.acts import Posting, close_account, hold, post, post_all, release, release_expired, reverse
from linli.ledger.models import Hold, Transfer
from linli.ledger.queries import standing
from linli.trace import act

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts() -> None:
    account("world", floor=None, kind="source")
    account("fund", kind="fund")
    account("payee")
    account("hours", unit="minute", kind="person")
    pay("world", "fund", 1000)


@pytest.mark.usefixtures("accounts")
def test_a_transfer_moves_money() -> None:
    done = pay("fund", "payee", 400)
    assert done.fresh
    assert (posted("world"), posted("fund"), posted("payee")) == (-1000, 600, 400)
    assert sums()["fen"] == 0
    assert found() == []


@pytest.mark.usefixtures("accounts")
def test_an_act_may_catch_a_refusal_and_go_on() -> None:
    with act(CLERK):
        with pytest.raises(LinliError, match="1000 available"):
            pay("fund", "payee", 1001)
        pay("fund", "payee", 1000)
    assert posted("payee") == 1000


@pytest.mark.usefixtures("accounts")
def test_a_retry_posts_once_and_a_key_is_not_used_twice() -> None:
    first, again = pay("fund", "payee", 400, key="k"), pay("fund", "payee", 400, key="k")
    assert (again.uid, again.fresh) == (first.uid, False)
    assert posted("payee") == 400
    with pytest.raises(LinliError, match="entered before"):
        pay("fund", "payee", 401, key="k")
    mixed = post_all(CLERK, postings=[_posting("k", 400), _posting("k2", 5)])
    assert [one.fresh for one in mixed] == [False, True]
    assert found() == []


def _posting(key: str, amount: int) -> Posting:
    return Posting(key=key, unit="fen", kind="pay", legs=(("fund", -amount), ("payee", amount)))


@pytest.mark.usefixtures("accounts")
def test_a_set_is_posted_as_one_or_not_at_all() -> None:
    with pytest.raises(LinliError, match="100 available"):
        post_all(CLERK, postings=[_posting(f"s{number}", 300) for number in range(4)])
    assert posted("fund") == 1000
    assert not Transfer.objects.filter(key="s0").exists()
    assert len(post_all(CLERK, postings=[_posting(f"s{number}", 300) for number in range(3)])) == 3
    assert found() == []


REFUSED = [
    ("floor", [("fund", -1001), ("payee", 1001)]),
    ("unbalanced", [("fund", -2), ("payee", 1)]),
    ("unbalanced", [("fund", -2)]),
    ("unknown_account", [("fund", -2), ("nobody", 2)]),
    ("unit_mix", [("fund", -2), ("hours", 2)]),
    ("malformed", [("fund", 0), ("payee", 0)]),
    ("malformed", [("fund", -1.0), ("payee", 1)]),
    ("too_large", [("world", -(10**15) - 1), ("payee", 10**15 + 1)]),
]


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize(("code", "legs"), REFUSED)
def test_what_cannot_be_is_refused_in_both_languages(code: str, legs: list[tuple[str, int]]) -> None:
    with pytest.raises(LinliError) as refused:
        post(CLERK, posting=Posting(key="x", unit="fen", kind="pay", legs=tuple(legs)))
    assert refused.value.code == f"ledger.{code}"
    assert refused.value.remedy_zh
    assert refused.value.remedy_en
    assert posted("fund") == 1000


@pytest.mark.usefixtures("accounts")
def test_a_closed_account_takes_nothing_more() -> None:
    with pytest.raises(LinliError, match="not empty"):
        close_account(CLERK, code="fund")
    close_account(CLERK, code="payee")
    with pytest.raises(LinliError, match="closed"):
        pay("fund", "payee", 1)
    with pytest.raises(LinliError, match="closed"):
        hold(CLERK, key="h", account="payee", unit="fen", amount=1)


@pytest.mark.usefixtures("accounts")
def test_what_is_held_cannot_be_spent_by_others() -> None:
    held = hold(CLERK, key="h", account="fund", unit="fen", amount=700)
    assert hold(CLERK, key="h", account="fund", unit="fen", amount=700).uid == held.uid
    with pytest.raises(LinliError, match="300 available"):
        pay("fund", "payee", 301)
    pay("fund", "payee", 650, hold=held.uid)
    assert (standing("fund").posted, standing("fund").held, standing("fund").available) == (350, 0, 350)
    with pytest.raises(LinliError, match="hold"):
        pay("fund", "payee", 1, hold=held.uid)
    with pytest.raises(LinliError, match="hold"):
        release(CLERK, holds=[held.uid])
    assert found() == []


@pytest.mark.usefixtures("accounts")
def test_a_hold_pays_no_more_than_it_holds_and_from_its_own_account() -> None:
    account("other")
    held = hold(CLERK, key="h", account="fund", unit="fen", amount=100)
    with pytest.raises(LinliError, match="more than is held"):
        pay("fund", "payee", 101, hold=held.uid)
    with pytest.raises(LinliError, match="held"):
        pay("world", "payee", 50, hold=held.uid)
    assert release(CLERK, holds=[held.uid]) == [held.uid]
    assert release(CLERK, holds=[held.uid]) == []
    assert standing("fund").held == 0
    assert found() == []


@pytest.mark.usefixtures("accounts")
def test_an_expired_hold_is_only_released() -> None:
    held = hold(CLERK, key="h", account="fund", unit="fen", amount=100, expires=clock.now() + timedelta(days=1))
    assert release_expired(CLERK) == 0
    with clock.frozen(clock.now() + timedelta(days=2)):
        with pytest.raises(LinliError, match="expired"):
            pay("fund", "payee", 50, hold=held.uid)
        jobs.release_expired(0)
    assert Hold.objects.get(uid=held.uid).status == "released"
    assert standing("fund").available == 1000


@pytest.mark.usefixtures("accounts")
def test_a_transfer_is_reversed_once_and_a_reversal_never() -> None:
    done = pay("fund", "payee", 400)
    back = reverse(CLERK, transfer=done.uid, key="r")
    assert reverse(CLERK, transfer=done.uid, key="r").uid == back.uid
    assert (posted("fund"), posted("payee")) == (1000, 0)
    with pytest.raises(LinliError, match="has been reversed"):
        reverse(CLERK, transfer=done.uid, key="r2")
    with pytest.raises(LinliError, match="not reversed"):
        reverse(CLERK, transfer=back.uid, key="r3")
    assert found() == []


@pytest.mark.usefixtures("accounts")
def test_money_that_was_spent_cannot_be_taken_back() -> None:
    account("shop")
    done = pay("fund", "payee", 400)
    pay("payee", "shop", 1)
    with pytest.raises(LinliError, match="floor"):
        reverse(CLERK, transfer=done.uid, key="r")


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize("table", ["account", "balance", "transfer", "entry", "hold"])
@pytest.mark.parametrize(
    "statement", ["UPDATE ledger_{} SET {}", "DELETE FROM ledger_{}", "TRUNCATE ledger_{} CASCADE", "INSERT INTO ledger_{} DEFAULT VALUES"]
)
def test_the_database_refuses_all_but_the_ledgers_own_functions(table: str, statement: str) -> None:
    column = {"account": "purpose = ''", "balance": "posted = 5", "transfer": "kind = 'x'", "entry": "amount = 1", "hold": "amount = 1"}[
        table
    ]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table, column))


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize(("amounts", "code"), [([-5, 6], "LG001"), ([0, 0], "LG013"), ([-(10**15) - 1, 10**15 + 1], "LG013")])
def test_the_database_itself_refuses_what_python_refuses(amounts: list[int], code: str) -> None:
    one = "ARRAY[gen_random_uuid()], ARRAY['x'], ARRAY['x'], ARRAY['fen'], ARRAY['x'], ARRAY[now()], ARRAY['']"
    posting = f"SELECT ledger_post('x', now(), {one}, NULL, NULL, ARRAY[1, 1], ARRAY['world', 'payee'], %s::bigint[])"
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(posting, [amounts])
    assert getattr(refused.value.__cause__, "sqlstate", "") == code
