"""A batch from gathered to paid while pages, workers and PostgreSQL are killed at random: everybody is paid exactly once.

`make soak` runs it with 20,000 payments; SOAK_PAYMENTS, SOAK_MINUTES (at least so long, month after month), SOAK_SEED and SOAK_PAUSE
(seconds between two kills) change that. All that moves is what people at their desks move: forms of the pages, sent again when no answer
came.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from soak_awards import PROGRAMME, account_of, level_of
from soak_bank import LAYOUT, Bank, file_of
from soak_staff import Faults, Officer, Reader, look, until
from soak_storm import Storm
from working_city import City, free_port

from linli.kernel import clock
from linli.sampling import commit, new_secret

pytestmark = pytest.mark.long
PAYMENTS = int(os.environ.get("SOAK_PAYMENTS", "300"))
MINUTES = float(os.environ.get("SOAK_MINUTES", "0"))
SEED = int(os.environ.get("SOAK_SEED") or random.SystemRandom().randrange(10**6))
PAUSE = float(os.environ.get("SOAK_PAUSE") or (4 if PAYMENTS < 2_000 else 20))
PATIENCE = 300 + PAYMENTS / 10
FUND = f"{PROGRAMME}.county"
REFUSED = 23
"""Every so many-th account is refused by the bank at first."""
STANDING = "SELECT uid::text FROM batches_batch WHERE period = '{}' ORDER BY id LIMIT 1"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """People with awards, a fund that has just enough, two officers."""
    home = Path("/tmp") / f"linli-soak-{os.getpid()}-{tmp_path_factory.mktemp('s').name}"
    made = City(home, max(1000, PAYMENTS * 21 // 20), lists=False)
    for command in (
        ["staff", "add", "colleague", "colleague", "--password", "only-for-this-test", "--department", "finance"],
        ["staff", "department", "officer", "civil-affairs"],
        ["staff", "grant", "colleague", "officer"],
    ):
        assert made.linli(*command).returncode == 0
    subprocess.run([sys.executable, str(Path(__file__).with_name("soak_awards.py")), str(PAYMENTS)], env=made.environment, check=True)
    assert made.linli("fund", "open", FUND, "--promised", "1000000000").returncode == 0
    yield made
    made.cluster.down()
    shutil.rmtree(home)


@dataclass
class Round:
    """One month's batch on its way: who works on it, what the bank knows."""

    city: City
    maker: Officer
    checker: Officer
    bank: Bank
    period: str

    def value(self, query: str) -> Any:
        return look(self.city, query)

    def until(self, what: str, query: str, do: Callable[[], Any]) -> Any:
        """Press until the database says so."""
        return until(what, lambda: self.value(query), do, PATIENCE)

    def walk(self) -> None:
        """From opened to closed; each piece by a form of the pages."""
        asked = {"period": self.period, "area": ""}
        uid = self.until(
            "the batch is opened", STANDING.format(self.period), lambda: self.maker.send(f"/batches/new/{PROGRAMME}/", **asked)
        )
        state = f"SELECT count(*) FROM batches_batch WHERE uid = '{uid}' AND state = '{{}}'"
        self.page = f"/batches/{uid}/"
        listed = f"SELECT count(*) FROM batches_item i JOIN batches_batch b ON b.id = i.batch_id WHERE b.uid = '{uid}'"
        self.until("everybody is listed", f"SELECT ({listed}) = {PAYMENTS}", lambda: self.maker.send(self.page, verb="gather"))
        self._drawn(uid, state)
        self._checked(uid)
        self.until("it is approved", state.format("approved"), lambda: self.checker.send(self.page, verb="approve"))
        taken = f"SELECT count(*) = {PAYMENTS} FROM settlement_payment WHERE batch = '{uid}'"
        self.until("it is taken over", taken, lambda: time.sleep(0.3))
        while not self.value(state.format("closed")):
            self._paid(uid)
            self._corrected(uid)

    def _drawn(self, uid: str, state: str) -> None:
        """Two departments promise, the list is frozen, both tell."""
        draw = f"SELECT {{}} FROM batches_draw d JOIN batches_batch b ON b.id = d.batch_id WHERE b.uid = '{uid}'"
        day = clock.today() + timedelta(days=2)
        fields = {"reveal_by_0": str(day.year), "reveal_by_1": str(day.month), "reveal_by_2": str(day.day), "lottery": ""}
        made = self.until("there is a draw", draw.format("d.uid::text"), lambda: self.maker.send(f"{self.page}draw/", **fields))
        code, page = self.value(draw.format("d.code")), f"/batches/draws/{made}/"
        while code is None:
            code = self.value(draw.format("d.code"))
        told = {"civil-affairs": (self.maker, new_secret()), "finance": (self.checker, new_secret())}
        secrets = f"SELECT count(*) FROM batches_secret s JOIN batches_draw d ON d.id = s.draw_id WHERE d.uid = '{made}'"
        for name, (officer, secret) in told.items():
            one = commit(draw=code, department=name, secret=secret, at=clock.now())
            text = json.dumps({"department": name, "salt": one.salt.hex(), "length": one.length, "digest": one.digest})
            promised = f"{secrets} AND department = '{name}'"
            self.until("a secret is promised", promised, lambda o=officer, t=text: o.send(page, verb="commit", commitment=t))
        frozen = f"SELECT count(*) FROM batches_batch WHERE uid = '{uid}' AND frozen_at IS NOT NULL"
        self.until("the list is frozen", frozen, lambda: self.maker.send(self.page, verb="freeze"))
        for name, (officer, secret) in told.items():
            revealed = f"{secrets} AND department = '{name}' AND secret <> ''"
            said = {"verb": "reveal", "department": name, "secret": secret.hex()}
            self.until("a secret is told", revealed, lambda o=officer, s=said: o.send(page, **s))
        self.until("the draw is made", state.format("checking"), lambda: time.sleep(0.3))

    def _checked(self, uid: str) -> None:
        """Every check that was drawn is done, one form each."""
        waiting = (
            "SELECT c.uid::text FROM batches_check c JOIN batches_item i ON i.id = c.item_id JOIN batches_batch b ON b.id = i.batch_id "
            f"WHERE b.uid = '{uid}' AND c.result = '' ORDER BY c.id LIMIT 1"
        )
        left = f"SELECT coalesce(({waiting}), 'none')"
        while (check := self.value(left)) != "none":
            if check:
                self.maker.send(f"/batches/checks/{check}/", result="passed", words="")

    def _paid(self, uid: str) -> None:
        """One bank file: made, released by the other, taken to the bank, answered."""
        open_order = f"SELECT uid::text FROM settlement_order WHERE batch = '{uid}' AND state NOT IN ('dropped', 'settled') LIMIT 1"
        payer = str(self.value("SELECT uid::text FROM settlement_payer LIMIT 1"))
        fields = {"layout": LAYOUT, "payer": payer, "project_code": "YC0001", "day": clock.today().isoformat()}
        done = f"SELECT count(*) FROM batches_batch WHERE uid = '{uid}' AND state = 'closed'"
        ready = f"SELECT count(*) FROM settlement_payment WHERE batch = '{uid}' AND state = 'ready'"

        def make() -> None:
            if self.value(ready):
                self.maker.send(f"/office/payments/batches/{uid}/", **fields)

        order = until("a file is begun", lambda: self.value(open_order) or self.value(done), make, PATIENCE)
        if not isinstance(order, str):
            return
        page = f"/office/payments/orders/{order}/"
        state = f"SELECT count(*) FROM settlement_order WHERE uid = '{order}' AND state IN ({{}})"
        self.until("the file is made", state.format("'made', 'released', 'handed_over', 'settled'"), lambda: time.sleep(0.3))
        released = state.format("'released', 'handed_over', 'settled'")
        self.until("the file is released", released, lambda: self.checker.send(f"{page}decide/", page, release="1"))
        self._answered(order, page)

    def _answered(self, order: str, page: str) -> None:
        files: list[bytes] = []

        def fetch() -> None:
            found = self.checker.send(f"{page}file/", page)
            if found and found[:1] == b"1":
                files.append(found)

        until("the file is handed over", lambda: files, fetch, PATIENCE)
        said = self.bank.take(files[0])
        assert self.bank.take(files[0]) == said
        folder = self.city.files
        folder.mkdir(exist_ok=True)
        backwards = folder / f"{order}-again"
        for path, rows in ((folder / order, said), (backwards, said[::-1])):
            path.write_bytes(file_of(rows))
            received = f"SELECT count(*) FROM settlement_outcome WHERE file_name = '{path.name}'"
            self.until("the answer is taken", received, lambda path=path: self.maker.upload(page, path))
        dealt = f"SELECT count(*) = 2 FROM settlement_outcome WHERE file_name LIKE '{order}%' AND state = 'done'"
        self.until("the answer is dealt with", dealt, lambda: time.sleep(0.3))

    def _corrected(self, uid: str) -> None:
        """Every payment that failed gets another account."""
        failed = f"SELECT uid::text FROM settlement_payment WHERE batch = '{uid}' AND state IN ('failed', 'waiting') ORDER BY id LIMIT 1"
        while (payment := self.value(f"SELECT coalesce(({failed}), 'none')")) != "none":
            if payment:
                self._give_account(payment)

    def _give_account(self, payment: str) -> None:
        columns = "SELECT {} FROM settlement_payment p JOIN registers_resident r ON r.uid = p.person WHERE p.uid = '" + payment + "'"
        name, award = self.value(columns.format("r.name")), self.value(columns.format("p.award::text"))
        if name and award:
            number = f"63{int(award.replace('-', '')[-12:], 16) % 10**14:014}"
            self.maker.send(f"/office/payments/payment/{payment}/", name=name, number=number, bank="")


def payer(officer: Officer, city: City) -> None:
    """The account that pays, entered on its page."""
    fields = {"name": "测试财政局", "number": "1400990000001", "bank": "102181000012"}
    known = "SELECT count(*) FROM settlement_payer"
    until("the payer is entered", lambda: look(city, known), lambda: officer.send("/office/payments/payers/", **fields), PATIENCE)


def allocate(city: City, period: str) -> None:
    """What a month costs, to the fen. A command that died is run again; its document counts once."""
    yuan = f"{sum(level_of(number) for number in range(PAYMENTS)) / 100:.2f}"
    until(
        "the money is allocated",
        lambda: city.linli("fund", "allocate", FUND, "--yuan", yuan, "--document", f"测试〔{period}〕").returncode == 0,
        lambda: time.sleep(1),
        PATIENCE,
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
    maker, checker, reader = (Officer(name, port, faults, SEED + place) for place, name in enumerate(("officer", "colleague", "officer")))
    stop, periods = threading.Event(), []
    reading = Reader(reader, lambda: pages(city), stop)
    with Storm(city, port, SEED, PAUSE) as storm:
        reading.start()
        try:
            payer(maker, city)
            while not periods or time.monotonic() - storm.began < MINUTES * 60:
                periods.append(f"2026-{len(periods) + 1:02}")
                allocate(city, periods[-1])
                Round(city, maker, checker, bank, periods[-1]).walk()
                print(f"  {time.monotonic() - storm.began:7.1f} s {PAYMENTS} paid for {periods[-1]}", flush=True)
        finally:
            stop.set()
            reading.join()
        storm.calm()
        quiet = "SELECT count(*) = 0 FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
        until("the workers have done everything", lambda: look(city, quiet), lambda: time.sleep(0.5), PATIENCE)
    print(f"  struck {dict(storm.struck)}; pages {dict(reading.read)}", flush=True)
    assert faults.found == []
    assert len(storm.struck) >= 4
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
