"""A batch from gathered to paid while pages, workers and PostgreSQL are killed at random: everybody is paid exactly once.

`make soak` runs it with 20,000 payments; SOAK_PAYMENTS, SOAK_MINUTES (at least so long, month after month), SOAK_SEED and SOAK_PAUSE
(seconds between two strikes by chance) change that. In every stage PostgreSQL and whoever does the work die in the midst of it besides.
All that moves is what people at their desks move: forms of the pages, sent again when no answer came.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from soak_awards import PROGRAMME, account_of, level_of
from soak_bank import Bank
from soak_round import Round
from soak_staff import Faults, Officer, Reader, Watch, look, tell, until
from soak_storm import STAGES, Schedule, Storm
from working_city import City, free_port

pytestmark = pytest.mark.long
PAYMENTS = int(os.environ.get("SOAK_PAYMENTS", "300"))
MINUTES = float(os.environ.get("SOAK_MINUTES", "0"))
SEED = int(os.environ.get("SOAK_SEED") or random.SystemRandom().randrange(10**6))
PAUSE = float(os.environ.get("SOAK_PAUSE") or (4 if PAYMENTS < 2_000 else 20))
STILL, LAST = 300 + PAYMENTS / 20, 3600 + 2 * PAYMENTS
"""Seconds for which nothing may move, and for all of it beside SOAK_MINUTES."""
FUND = f"{PROGRAMME}.county"
REFUSED = max(23, PAYMENTS // 200)
"""Every so many-th account is refused by the bank at first, about two hundred of many: each is put right by a form of its own."""
MANY, STRIKES = 20_000, 40
"""From so many payments on, so many strikes at least."""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """People with awards, a fund that has just enough, three officers."""
    home = Path("/tmp") / f"linli-soak-{os.getpid()}-{tmp_path_factory.mktemp('s').name}"
    made = City(home, max(1000, PAYMENTS * 21 // 20), lists=False)
    password = ["--password", "only-for-this-test"]
    for command in (
        ["staff", "add", "colleague", "colleague", *password, "--department", "finance"],
        ["staff", "add", "teller", "teller", *password],
        ["staff", "department", "officer", "civil-affairs"],
        ["staff", "grant", "colleague", "officer"],
        ["staff", "grant", "teller", "officer"],
    ):
        assert made.linli(*command).returncode == 0
    tell("the city is made")
    subprocess.run([sys.executable, str(Path(__file__).with_name("soak_awards.py")), str(PAYMENTS)], env=made.environment, check=True)
    tell(f"{PAYMENTS} awards are made")
    assert made.linli("fund", "open", FUND, "--promised", "1000000000").returncode == 0
    yield made
    made.cluster.down()
    shutil.rmtree(home)


def payer(officer: Officer, city: City, watch: Watch) -> None:
    """The account that pays, entered on its page."""
    fields = {"name": "测试财政局", "number": "1400990000001", "bank": "102181000012"}
    known = "SELECT count(*) FROM settlement_payer"
    until("the payer is entered", lambda: look(city, known), lambda: officer.send("/office/payments/payers/", **fields), watch)


def allocate(city: City, period: str, watch: Watch) -> None:
    """What a month costs, to the fen. A command that died is run again; its document counts once."""
    yuan = f"{sum(level_of(number) for number in range(PAYMENTS)) / 100:.2f}"
    until(
        "the money is allocated",
        lambda: city.linli("fund", "allocate", FUND, "--yuan", yuan, "--document", f"测试〔{period}〕").returncode == 0,
        lambda: time.sleep(1),
        watch,
    )


def pages(city: City) -> list[str]:
    """What is read meanwhile."""
    batch = look(city, "SELECT uid::text FROM batches_batch ORDER BY id DESC LIMIT 1")
    order = look(city, "SELECT uid::text FROM settlement_order ORDER BY id DESC LIMIT 1")
    found = ["/office/", "/office/inbox/", "/batches/", "/office/payments/", "/batches/checks/"]
    found += [f"/batches/{batch}/", f"/batches/{batch}/items/", f"/office/payments/batches/{batch}/"] if batch else []
    return found + ([f"/office/payments/orders/{order}/"] if order else [])


def test_everybody_is_paid_exactly_once_whatever_is_killed(city: City) -> None:
    port, faults, bank = free_port(), Faults(), Bank({account_of(number) for number in range(0, PAYMENTS, REFUSED)})
    desks = ("officer", "colleague", "teller", "officer")
    maker, checker, teller, reader = (Officer(name, port, faults, SEED + place) for place, name in enumerate(desks))
    periods: list[str] = []
    stop = threading.Event()
    reading, schedule = Reader(reader, lambda: pages(city), stop), Schedule(SEED, PAUSE, late=PAYMENTS / 40_000)
    watch = Watch(city, STILL, LAST + MINUTES * 60)
    with Storm(city, port, schedule, watch) as storm:
        reading.start()
        try:
            payer(maker, city, watch)
            while not periods or time.monotonic() - storm.began < MINUTES * 60:
                periods.append(f"2026-{len(periods) + 1:02}")
                allocate(city, periods[-1], watch)
                Round(city, storm, maker, checker, teller, bank, PROGRAMME, periods[-1], PAYMENTS, watch).walk()
                tell(f"{PAYMENTS} paid for {periods[-1]}")
        finally:
            stop.set()
            reading.join()
        storm.calm()
        quiet = "SELECT count(*) = 0 FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
        until("the workers have done everything", lambda: look(city, quiet), lambda: time.sleep(0.5), watch)
    struck = schedule.struck
    tell(f"{struck.total()} strikes {dict(struck)}; pages {dict(reading.read)}; refused {dict(faults.refused)}")
    assert faults.found == [], city.raised("serve")
    assert {stage: owed for stage, owed in schedule.owed.items() if owed} == {}
    assert struck.total() >= (STRIKES if PAYMENTS >= MANY else 2 * len(STAGES))
    assert reading.read["answered"]
    everybody_was_paid_once(city, bank, periods)
    the_book_is_right(city, len(periods))


def everybody_was_paid_once(city: City, bank: Bank, periods: list[str]) -> None:
    """By the bank's books and by ours: each award once a month, its amount, and nobody else anything."""
    rows = "SELECT award::text, period, amount_fen, state FROM settlement_payment"
    instructions = "SELECT i.reference, i.state, i.amount_fen, i.outcome_id IS NOT NULL FROM settlement_instruction i"
    with psycopg.connect(city.cluster.url()) as connection:
        payments = connection.execute(rows).fetchall()
        asked = connection.execute(instructions).fetchall()
        items = connection.execute("SELECT state, count(*) FROM batches_item GROUP BY state").fetchall()
        batches = connection.execute("SELECT DISTINCT state FROM batches_batch WHERE approved_at IS NOT NULL").fetchall()
    assert (
        Counter((award, period) for award, period, _, _ in payments).total()
        == len({row[:2] for row in payments})
        == PAYMENTS * len(periods)
    )
    assert {state for *_, state in payments} == {"paid"}
    assert (items, batches) == ([("paid", PAYMENTS * len(periods))], [("closed",)])
    owed = Counter({account_of(number): level_of(number) * len(periods) for number in range(PAYMENTS)})
    kept = {account: fen for account, fen in owed.items() if account not in bank.closed}
    assert {account: bank.paid[account] for account in kept} == kept
    assert all(times == len(periods) for times in bank.times.values())
    assert bank.paid.total() == owed.total()
    said = {reference: "paid" if code == "0000" else "failed" for reference, (_, code) in bank.said.items()}
    assert {reference: state for reference, state, _, _ in asked if state != "dropped"} == said
    assert all(answered for _, state, _, answered in asked if state != "dropped")


def the_book_is_right(city: City, months: int) -> None:
    """Sums of zero, balances that are their entries, one posting for each payment, nothing held; the trace and every row verify."""
    spent = sum(level_of(number) for number in range(PAYMENTS)) * months
    assert city.value("SELECT coalesce(sum(amount), 0) FROM ledger_entry") == 0
    differing = (
        "SELECT count(*) FROM ledger_balance b LEFT JOIN (SELECT account_id, sum(amount) AS sum FROM ledger_entry GROUP BY 1) e "
        "USING (account_id) WHERE b.posted <> coalesce(e.sum, 0)"
    )
    assert city.value(differing) == 0
    posted = "SELECT count(*) = count(DISTINCT reference) AND count(*) = {} FROM ledger_transfer WHERE kind = 'fund.spend'"
    assert city.value(posted.format(PAYMENTS * months))
    payees = f"SELECT sum(b.posted) FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id WHERE a.code = 'payees:{PROGRAMME}'"
    assert city.value(payees) == spent
    assert city.value("SELECT coalesce(sum(held), 0) FROM ledger_balance") == 0
    unanswered = "SELECT count(*) FROM settlement_instruction WHERE state = 'paid' AND outcome_id IS NULL"
    assert city.value(unanswered) == 0
    told = "SELECT count(*) = count(DISTINCT (recipient, fact)) FROM notices_notice"
    assert city.value(told)
    verified = city.linli("ledger", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    city.assert_whole()
    assert re.search(r"verified \d+ transfers", verified.stdout)
