"""Several writers at once, and kill -9 in the middle of a batch."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_examples import CLERK, account, found, pay, posted, sums
from together import database_url, environment, in_threads, wait_until_nobody_writes

from linli.kernel.errors import LinliError
from linli.kernel.ids import uuid7
from linli.ledger.acts import Posting, hold, post_all, release, reverse
from linli.ledger.models import Transfer
from linli.ledger.queries import standing
from linli.trace.verify import verify_chains

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ("fund", "split", "a", "b")
STEPS = st.tuples(
    st.sampled_from(["pay", "pay", "hold", "paid", "release", "reverse"]), st.permutations(NAMES), st.integers(1, 60), st.integers(0, 9)
)


def _worker(run: str, steps: list[tuple[str, list[str], int, int]], met: Counter[str]) -> Callable[[], None]:
    """Carry the steps out; the keys are shared with the other worker, so that half of what it does is a retry of the other's."""

    def one(what: str, names: list[str], amount: int, key: int) -> None:
        source, target = f"{run}:{names[0]}", f"{run}:{names[1]}"
        name = f"{run}:{what}:{key}"
        if what == "hold":
            hold(CLERK, key=name, account=source, unit="fen", amount=amount)
        elif what == "release":
            release(CLERK, holds=[_hold(run, key)])
        elif what == "reverse":
            reverse(CLERK, transfer=_transfer(run, key), key=name)
        else:
            legs = ((source, -amount), (target, amount))
            held = _hold(run, key) if what == "paid" else None
            post_all(
                CLERK,
                postings=[
                    Posting(key=f"{name}:{step}", unit="fen", kind="pay", legs=legs, hold=None if step else held) for step in range(3)
                ],
            )

    def work() -> None:
        for step in steps:
            try:
                one(*step)
                met["done"] += 1
            except LinliError as error:
                met[error.code] += 1

    return work


def _hold(run: str, key: int) -> UUID:
    return _value("SELECT uid FROM ledger_hold WHERE key = %s", f"{run}:hold:{key}")


def _transfer(run: str, key: int) -> UUID:
    return _value("SELECT uid FROM ledger_transfer WHERE key = %s", f"{run}:pay:{key}:0")


def _value(query: str, key: str) -> UUID:
    with connection.cursor() as cursor:
        cursor.execute(query, [key])
        row = cursor.fetchone()
    return UUID(str(row[0])) if row else uuid7()


def _two_workers(first: list[tuple[str, list[str], int, int]], second: list[tuple[str, list[str], int, int]]) -> None:
    run = str(uuid7())
    account(f"{run}:world", floor=None, kind="source")
    for name in NAMES:
        account(f"{run}:{name}", kind="fund", shards=3 if name == "split" else 0)
        pay(f"{run}:world", f"{run}:{name}", 100)
    met: Counter[str] = Counter()
    in_threads([_worker(run, first, met), _worker(run, second, met)])
    assert sums() == {"fen": 0}
    assert sum(posted(f"{run}:{name}") for name in NAMES) == 400
    assert all((standing(f"{run}:{name}").available or 0) >= 0 for name in NAMES)
    assert met["done"] + sum(number for code, number in met.items() if code.startswith("ledger.")) == len(first) + len(second)
    assert found() == []


def test_two_workers_lose_nothing_and_do_nothing_twice() -> None:
    chance = random.Random(4)
    acts = ["pay", "pay", "hold", "paid", "release", "reverse"]

    def step() -> tuple[str, list[str], int, int]:
        return chance.choice(acts), chance.sample(NAMES, 4), chance.randint(1, 60), chance.randrange(10)

    _two_workers([step() for _ in range(40)], [step() for _ in range(40)])


@pytest.mark.long
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(st.lists(STEPS, min_size=10, max_size=60), st.lists(STEPS, min_size=10, max_size=60))
def test_two_workers_whatever_they_do(first: list[tuple[str, list[str], int, int]], second: list[tuple[str, list[str], int, int]]) -> None:
    _two_workers(first, second)


@pytest.mark.long
def test_eight_payers_of_a_split_fund_neither_deadlock_nor_overdraw_it() -> None:
    account("world", floor=None, kind="source")
    account("fund", kind="fund", shards=7)
    for number in range(8):
        account(f"payee:{number}")
    pay("world", "fund", 1000)
    paid: Counter[int] = Counter()

    def payer(number: int) -> Callable[[], None]:
        def work() -> None:
            for turn in range(60):
                try:
                    pay("fund", f"payee:{number}", 3, key=f"{number}-{turn}")
                    paid[number] += 1
                except LinliError as error:
                    assert error.code == "ledger.floor"  # noqa: PT017 - one of many turns

        return work

    in_threads([payer(number) for number in range(8)])
    assert (sum(paid.values()), posted("fund")) == (333, 1)
    assert found() == []
    assert list(verify_chains()) == []


WRITER = """
import sys, django
django.setup()
from ledger_examples import CLERK
from linli.ledger.acts import Posting, post_all
for batch in range(int(sys.argv[1]), 1000):
    legs = (("fund", -1), ("payee", 1))
    post_all(CLERK, postings=[Posting(key=f"{batch}-{n}", unit="fen", kind="pay", legs=legs) for n in range(200)])
    print(batch, flush=True)
"""


@pytest.mark.long
def test_kill_9_in_the_middle_of_a_batch_loses_nothing_and_pays_nobody_twice() -> None:
    account("world", floor=None, kind="source")
    account("fund", kind="fund", shards=3)
    account("payee")
    pay("world", "fund", 10**6)
    chance, acknowledged = random.Random(9), -1
    for _ in range(6):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(max(0, acknowledged - 1))],
            stdout=subprocess.PIPE,
            text=True,
            env=environment(database_url()),
        )
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(chance.uniform(0.05, 0.4))
        writer.send_signal(signal.SIGKILL)
        acknowledged = max([acknowledged, *[int(line) for line in writer.stdout if line.strip().isdigit()]])
        writer.wait(10)
        wait_until_nobody_writes()
        batches = Counter(
            key.partition("-")[0]
            for key in Transfer.objects.filter(kind="pay", key__contains="-").exclude(key__startswith="key-").values_list("key", flat=True)
        )
        assert set(batches.values()) <= {200}, "a batch was half posted"
        assert acknowledged < len(batches) <= acknowledged + 3
        assert posted("payee") == 200 * len(batches)
    assert sums() == {"fen": 0}
    assert found() == []
    assert list(verify_chains()) == []
