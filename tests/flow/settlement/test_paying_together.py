"""Two workers at the same batch, and kill -9 in the middle of the bank's answer: everybody is paid once."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from functools import partial
from pathlib import Path

import pytest
from bank_examples import CLOSED, PAID, answer, asked
from django.db import transaction
from settle_examples import CHECKER, DAY, FEN, MAKER, THIRD, all_paid, build, money
from together import database_url, environment, in_threads, wait_until_nobody_writes, waiting

from linli.ledger.models import Transfer
from linli.ledger.verify import verify_book
from linli.settlement import acts
from linli.settlement.models import Instruction, Order, Outcome, Payment
from linli.trace.deep import verify_rows
from linli.trace.models import Fact
from linli.trace.verify import verify_chains

pytestmark = pytest.mark.django_db(transaction=True)
APPLY = """
import sys, django
django.setup()
from uuid import UUID
from linli.settlement.acts import answers, outcomes
answers.PIECE = 3
while outcomes.apply_some(outcome=UUID(sys.argv[1])):
    print("some", flush=True)
print("done", flush=True)
"""


def drained(outcome: Outcome) -> None:
    while acts.apply_some(outcome=outcome.uid):
        pass


def everything_is_paid_once(number: int) -> None:
    assert money() == (0, 0, number * FEN)
    assert set(Counter(Transfer.objects.filter(kind="fund.spend").values_list("reference", flat=True)).values()) == {1}
    assert set(Counter(Instruction.objects.filter(state="paid").values_list("payment", flat=True)).values()) == {1}
    assert Fact.objects.filter(type="settlement.paid").count() == number
    assert [*verify_book(), *verify_rows(), *verify_chains()] == []


def test_two_workers_take_over_order_and_settle_the_same_batch(tmp_path: Path) -> None:
    treasury = build(tuple(f"测试{number}" for number in range(8)))
    in_threads([treasury.take_over] * 2)
    assert Payment.objects.count() == 8
    orders = [acts.make_order(MAKER, batch=treasury.batch, layout="transfer", day=DAY, payer=treasury.payer.uid) for _ in range(2)]
    in_threads([lambda one=one: acts.fill_order(order=one.uid) for one in (*orders, *orders)])  # type: ignore[misc]
    assert list(Order.objects.values_list("state", "count")) == [("made", 8)]
    assert Fact.objects.filter(type="settlement.order_made").count() == 1, "it is filled by one"
    made = Order.objects.get(state="made")
    acts.release_order(CHECKER, order=made.uid)
    assert acts.fill_order(order=made.uid).state == "released", "a job that comes late takes no file back"
    acts.hand_over(CHECKER, order=made.uid, path=tmp_path / "file")
    found = asked("transfer", (tmp_path / "file").read_bytes())
    rows = all_paid("transfer", found)
    outcomes = []
    for name, part in (("a", rows), ("b", rows[::-1])):  # the same answer in two files
        (tmp_path / name).write_bytes(answer("transfer", part))
        taken: list[Outcome] = []
        hand_in = partial(acts.receive, THIRD, layout="transfer", path=tmp_path / name, name=name)
        in_threads([lambda hand_in=hand_in, taken=taken: taken.append(hand_in())] * 2)  # type: ignore[misc]
        assert len({one.pk for one in taken}) == 1, "the same file handed in twice at once is one answer"
        outcomes.append(taken[0])
    in_threads([lambda one=one: drained(one) for one in (*outcomes, *outcomes)])  # type: ignore[misc]
    everything_is_paid_once(8)


def test_a_second_worker_at_the_same_answer_finds_it_dealt_with(tmp_path: Path) -> None:
    """Both come while its payments are in other hands; the second neither judges a row again nor tells a second time that it is done."""
    treasury = build(("测试甲", "测试乙"))
    treasury.take_over()
    _, found = treasury.sent(tmp_path)
    (tmp_path / "answer").write_bytes(answer("transfer", all_paid("transfer", found)))
    outcome = acts.receive(THIRD, layout="transfer", path=tmp_path / "answer", name="answer")
    held = threading.Event()

    def holds_the_payments() -> None:
        with transaction.atomic():
            list(Instruction.objects.select_for_update())
            held.set()
            waiting(2)

    def works() -> None:
        held.wait(30)
        drained(outcome)

    in_threads([holds_the_payments, works, works])
    everything_is_paid_once(2)
    assert list(outcome.lines.values_list("verdict", flat=True)) == ["paid", "paid"]
    assert Fact.objects.filter(type="settlement.outcome_applied").count() == 1


@pytest.mark.long
def test_a_worker_that_is_killed_pays_nobody_twice_and_forgets_nobody(tmp_path: Path) -> None:
    treasury = build(tuple(f"测试{number}" for number in range(40)))
    treasury.take_over()
    _, found = treasury.sent(tmp_path)
    rows = [(one, CLOSED["transfer"] if number % 7 == 0 else PAID["transfer"]) for number, one in enumerate(found)]
    (tmp_path / "answer").write_bytes(answer("transfer", rows))
    outcome = acts.receive(THIRD, layout="transfer", path=tmp_path / "answer", name="answer")
    env = environment(database_url()) | {"DJANGO_SETTINGS_MODULE": "linli.site.settings"}
    for _ in range(200):
        worker = subprocess.Popen([sys.executable, "-c", APPLY, str(outcome.uid)], env=env, stdout=subprocess.PIPE, text=True)
        assert worker.stdout is not None
        if worker.stdout.readline() in ("done\n", ""):
            break
        time.sleep(random.uniform(0, 0.08))
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        wait_until_nobody_writes()
    failed = len(range(0, 40, 7))
    assert money() == (failed * FEN, 0, (40 - failed) * FEN)
    assert Counter(Payment.objects.values_list("state", flat=True)) == {"paid": 40 - failed, "failed": failed}
    assert Fact.objects.filter(type="settlement.paid").count() == 40 - failed
    assert [*verify_book(), *verify_rows(), *verify_chains()] == []
